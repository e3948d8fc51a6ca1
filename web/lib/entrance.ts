/** The door of an app of staff: one for the desk, oversight and the court. The wire contract is in docs/architecture.md. */
import { makePasskey, NoPasskey, provePasskey } from './passkey';

export interface Offers {
  codes: boolean;
  passkeys: boolean;
}

/** How a step at the door ended: in, or why not. */
export type Outcome = 'in' | 'no_seat' | 'wrong' | 'wait' | 'locked' | 'offline' | 'cancelled' | 'known' | 'unable' | 'passkey_needed' | 'signed_out';

const CODES: Record<string, Outcome> = {
  no_seat: 'no_seat',
  account_locked: 'locked',
  passkey_needed: 'passkey_needed',
  session_needed: 'signed_out',
};

const post = (path: string, body: object): Promise<Response> =>
  fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

async function outcomeOf(answer: Response): Promise<Outcome> {
  if (answer.ok) return 'in';
  if (answer.status === 429) return 'wait';
  if (answer.status >= 500) return 'offline';
  return CODES[((await answer.json()) as { error: string }).error] ?? 'wrong';
}

async function step(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    return error instanceof NoPasskey ? error.why : 'offline';
  }
}

export async function offers(): Promise<Offers | null> {
  try {
    const answer = await fetch('/api/door', { cache: 'no-store' });
    return answer.ok ? ((await answer.json()) as Offers) : null;
  } catch {
    return null;
  }
}

export const byCode = (code: string): Promise<Outcome> => step(async () => outcomeOf(await post('/api/pair', { code })));

/** Make a passkey, for whom the code invites; without one, for whoever is signed in. */
export const enrol = (code: string | null): Promise<Outcome> =>
  step(async () => {
    const asked = await post('/api/passkey/enrol/options', { code });
    if (!asked.ok) return outcomeOf(asked);
    return outcomeOf(await post('/api/passkey/enrol', { code, answer: await makePasskey(await asked.json()) }));
  });

/** Prove a passkey: to begin a session, or to open a locked screen. */
export const prove = (path: '/api/passkey' | '/api/unlock'): Promise<Outcome> =>
  step(async () => {
    const asked = await post('/api/passkey/options', {});
    if (!asked.ok) return outcomeOf(asked);
    return outcomeOf(await post(path, { answer: await provePasskey(await asked.json()) }));
  });

export const unlockByCode = (code: string): Promise<Outcome> => step(async () => outcomeOf(await post('/api/unlock', { code })));
