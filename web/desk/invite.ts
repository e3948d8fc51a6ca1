/** Codes for protected persons; the wire contract is in docs/architecture.md. */
import { m } from '../lib/paraglide/messages.js';

export interface Invitee {
  person: string;
  name: string;
  takes_part: boolean | null;
  checked_ms: number | null;
  checked_by: string | null;
  has_pin: boolean;
  bound: boolean;
  waived: boolean;
}

export interface Code {
  code: string;
  until_ms: number;
}

/** By what the office made sure; no number of a document is asked for. */
export const SEEN = {
  resident_card: m.inv_seen_resident_card,
  driving_licence: m.inv_seen_driving_licence,
  passport: m.inv_seen_passport,
  residence_card: m.inv_seen_residence_card,
  photo_card: m.inv_seen_photo_card,
  in_person: m.inv_seen_in_person,
} as const;

export type Seen = keyof typeof SEEN;

/** Why somebody may see the map without a passkey. */
export const WAIVERS = {
  old_phone: m.inv_waive_old_phone,
  no_passkeys: m.inv_waive_no_passkeys,
  cannot: m.inv_waive_cannot,
} as const;

export type Waiver = keyof typeof WAIVERS;
