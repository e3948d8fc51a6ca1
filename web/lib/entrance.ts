/** The door of an app of staff: one for the desk, oversight and the court. The wire contract is in docs/architecture.md. */
import { makePasskey, NoPasskey, provePasskey } from './passkey';

export interface Offers {
  codes: boolean;
  passkeys: boolean;
  /** What the organisation's single sign-on is called; null where there is none. */
  sso: string | null;
}

/** How a step at the door ended: in, or why not. */
export type Outcome = 'in' | 'no_seat' | 'wrong' | 'wait' | 'locked' | 'offline' | 'cancelled' | 'known' | 'unable' | 'passkey_needed' | 'signed_out' | 'sso_refused' | 'sso_unknown' | 'sso_down' | 'leaving' | 'proof_needed';

const CODES: Record<string, Outcome> = {
  no_seat: 'no_seat',
  account_locked: 'locked',
  passkey_needed: 'passkey_needed',
  session_needed: 'signed_out',
  proof_needed: 'proof_needed',
  sso_refused: 'sso_refused',
  sso_unknown: 'sso_unknown',
};

const post = (path: string, body: object): Promise<Response> =>
  fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

async function outcomeOf(answer: Response): Promise<Outcome> {
  if (answer.ok) return 'in';
  if (answer.status === 429) return 'wait';
  if (answer.status >= 500) return answer.status === 503 && answer.url.includes('/api/sso') ? 'sso_down' : 'offline';
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

/** Make one more passkey for whoever is signed in; who sits there is proved first where that was not done a moment ago. */
export async function enrolMore(): Promise<Outcome> {
  const first = await enrol(null);
  if (first !== 'proof_needed') return first;
  const proof = await prove('/api/unlock');
  return proof === 'in' ? enrol(null) : proof;
}

export const unlockByCode = (code: string): Promise<Outcome> => step(async () => outcomeOf(await post('/api/unlock', { code })));

/** Leave for the organisation's single sign-on; `code` ties an account to whoever signs in there, `again` opens a locked screen. */
export const leaveForSso = (code: string | null, again = false): Promise<Outcome> =>
  step(async () => {
    const asked = await post('/api/sso/begin', { code, again });
    if (!asked.ok) return outcomeOf(asked);
    location.assign(((await asked.json()) as { url: string }).url);
    return 'leaving';
  });

/** Whether this page was opened by a provider that sent somebody back. */
export const isReturn = (search: string = location.search): boolean => {
  const words = new URLSearchParams(search);
  return words.has('state') && (words.has('code') || words.has('error'));
};

/** End what `leaveForSso` began. The answer stands in the address and is taken out of it first. */
export const endSso = (): Promise<Outcome> =>
  step(async () => {
    const words = new URLSearchParams(location.search);
    history.replaceState(null, '', location.pathname);
    if (!words.has('code')) return 'sso_refused';
    return outcomeOf(await post('/api/sso', { code: words.get('code'), state: words.get('state') }));
  });
