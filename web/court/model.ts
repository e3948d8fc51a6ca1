/** What the court's server says; the wire contract is in docs/architecture.md. No position is anywhere in it. */

export type Texts = Record<string, string>;

export interface Seat {
  court: string;
  name: Texts;
}

export interface Me {
  name: string;
  courts: Seat[];
  keeps: boolean;
  decides: boolean;
  demo: boolean;
  locked: boolean;
  lock_after_s: number;
}

export class SignedOut extends Error {}
export class Refused extends Error {}

async function checked(answer: Response): Promise<Response> {
  if (answer.status === 401) throw new SignedOut();
  if (answer.ok) return answer;
  let message = '';
  try {
    message = ((await answer.json()) as { message?: string }).message ?? '';
  } catch {
    // No sentence came with it: the page has its own.
  }
  throw new Refused(message);
}

export async function ask<T>(path: string): Promise<T> {
  return (await (await checked(await fetch(path, { cache: 'no-store' }))).json()) as T;
}

export async function tell(path: string, body: object): Promise<Response> {
  return checked(await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }));
}
