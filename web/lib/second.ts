/** What one member of staff may not do alone; the wire contract is in docs/architecture.md. */

export type Deed = 'unpair_tag' | 'cut_secret' | 'renew_secret' | 'hold_record' | 'release_hold' | 'end_order' | 'suspend_order' | 'export_history' | 'research_rows';
export type State = 'proposed' | 'asked' | 'confirmed' | 'refused' | 'withdrawn' | 'expired' | 'done' | 'failed';
export type Step = 'adopt' | 'confirm' | 'refuse' | 'withdraw';

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
  /** Under which name a command line proposed it, which counts nobody; null where it was asked at a screen. */
  typed_by: string | null;
  settled_by: string | null;
  word: string | null;
  /** What whoever looks may do about it now. */
  may: Step[];
}

export interface Two {
  may_ask: Deed[];
  requests: Asking[];
}

/** What the badge counts: what this person may confirm, or adopt. */
export const isWaiting = (one: Asking): boolean => one.may.includes('confirm') || one.may.includes('adopt');

/** How a step ended: taken, refused with a sentence, or whoever sits there must first prove to be that person. */
export type Ended = { is: 'taken' } | { is: 'refused'; sentence: string } | { is: 'proof_needed' };

export async function askSecond(): Promise<Two> {
  const answer = await fetch('/api/second', { cache: 'no-store' });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Two;
}

export async function takeStep(step: '' | `/${Step}`, body: object): Promise<Ended> {
  const answer = await fetch(`/api/second${step}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (answer.ok) return { is: 'taken' };
  const said = (await answer.json()) as { error?: string; message?: string };
  return said.error === 'proof_needed' ? { is: 'proof_needed' } : { is: 'refused', sentence: said.message ?? '' };
}
