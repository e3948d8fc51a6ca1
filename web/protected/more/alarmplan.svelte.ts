/** Her plan while this page is open: unsealed by the key on this phone, in memory, and forgotten when the lock closes. */
import { call, lock } from '../lock.svelte';
import type { Plan } from '../papers/plan';
import { unsealPlan } from '../papers/plan';
import { planKey } from '../papers/phonekey';

class AlarmPlan {
  plan = $state.raw<Plan | null>(null);

  constructor() {
    lock.onClose(() => (this.plan = null));
  }

  async load(): Promise<void> {
    const kept = await planKey();
    if (kept === null || lock.shut) return;
    const headers = { 'Content-Type': 'application/json' };
    const answer = await call('/api/papers/read', { method: 'POST', headers, body: JSON.stringify({ name: kept.name }) });
    if (!answer.ok) return;
    const plan = await unsealPlan(kept.key, kept.name, new Uint8Array(await answer.arrayBuffer()));
    if (!lock.shut) this.plan = plan;
  }
}

export const alarmPlan = new AlarmPlan();
