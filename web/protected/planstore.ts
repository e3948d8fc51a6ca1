/** Where this phone keeps the key to her plan: there only if she wanted it, and gone when she leaves. */
import { keep, kept } from './memory';

const KEY = 'plan';
export const PLAN_STORE = 'plan';

/** Whether this phone shows her plan under an alarm. */
export const hasPlan = (): boolean => kept(KEY) !== null;
export const wantPlan = (wanted: boolean): void => keep(KEY, wanted ? 'yes' : null);

export function planStore(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(PLAN_STORE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(PLAN_STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('Nothing can be kept here.'));
  });
}

export function forgetPlanKey(): Promise<void> {
  wantPlan(false);
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(PLAN_STORE);
    // Whatever hinders it, she must not wait: leaving clears the whole storage as well.
    asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
  });
}
