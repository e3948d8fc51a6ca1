/**
 * The key to her plan on this phone, so that it is there under an alarm without her eight words. The browser keeps it as a key that no
 * script can read out; the plan itself lies sealed at the server. Each is worth nothing without the other; leaving takes the key away.
 */
import { PLAN_STORE, planStore } from '../planstore';

interface Kept {
  name: string;
  key: CryptoKey;
}

const done = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('The key cannot be kept.'));
  });

export async function keepPlanKey(name: string, raw: Uint8Array<ArrayBuffer>): Promise<void> {
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  const store = await planStore();
  await done(store.transaction(PLAN_STORE, 'readwrite').objectStore(PLAN_STORE).put({ name, key } satisfies Kept, 'key'));
  store.close();
}

export async function planKey(): Promise<Kept | null> {
  const store = await planStore();
  const found = (await done(store.transaction(PLAN_STORE).objectStore(PLAN_STORE).get('key'))) as Kept | undefined;
  store.close();
  return found ?? null;
}
