/** What one member of staff may not do alone; the wire contract is in docs/architecture.md. */

export type Deed = 'unpair_tag' | 'end_order' | 'suspend_order' | 'export_history' | 'research_rows';
export type State = 'asked' | 'confirmed' | 'refused' | 'withdrawn' | 'expired' | 'done' | 'failed';

export interface Asking {
  number: number;
  deed: Deed;
  target: string;
  detail: string | null;
  asked_by: string;
  asked_ms: number;
  reason: string;
  until_ms: number;
  state: State;
  settled_by: string | null;
  word: string | null;
  mine: boolean;
}

/** What the badge counts: requests of others that wait for this person. */
export const isWaiting = (one: Asking): boolean => one.state === 'asked' && !one.mine;

export async function askSecond(): Promise<Asking[]> {
  const answer = await fetch('/api/second', { cache: 'no-store' });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Asking[];
}

/** Take a step; the server's sentence where it is refused, null where it was taken. */
export async function takeStep(step: '' | '/confirm' | '/refuse' | '/withdraw', body: object): Promise<string | null> {
  const answer = await fetch(`/api/second${step}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  return answer.ok ? null : (((await answer.json()) as { message?: string }).message ?? '');
}
