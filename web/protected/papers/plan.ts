/** Her plan: places, people, what to take. Sealed like a petition, under a key of its own, so that one phone of hers may keep that key alone. */
import type { SafePlace } from '../more/wayout';
import { textOf, unseal, type Bytes } from './seal';

export interface Person {
  name: string;
  phone: string;
}
export interface Plan {
  places: SafePlace[];
  people: Person[];
  take: string;
}
export const EMPTY: Plan = { places: [], people: [], take: '' };
export const MOST = 8;

const CLEAN = /[^+\d*#]/g;

/** What a telephone dials. */
export const dialled = (phone: string): string => `tel:${phone.replace(CLEAN, '')}`;

const COUNT_BYTES = 2;

/** A sealed plan stands behind its wrapped key, as a petition does. */
export async function unsealPlan(key: CryptoKey, name: string, body: Bytes): Promise<Plan> {
  const at = COUNT_BYTES + new DataView(body.buffer).getUint16(0);
  return JSON.parse(textOf(await unseal(key, body.slice(at), about(name)))) as Plan;
}

export const about = (name: string): string => `plan ${name}`;
