/** How a page of staff asks its server: what is refused throws with the server's own sentence, and who is signed out is told so. */

export class SignedOut extends Error {}
/** The code of a refusal where whoever sits there must first prove to be that person. */
export const NOT_PROVED = 'proof_needed';

export class Refused extends Error {
  constructor(
    message: string,
    readonly code = '',
  ) {
    super(message);
  }
}

async function checked(answer: Response): Promise<Response> {
  if (answer.status === 401) throw new SignedOut();
  if (answer.ok) return answer;
  let said: { error?: string; message?: string } = {};
  try {
    said = (await answer.json()) as { error?: string; message?: string };
  } catch {
    // No sentence came with it: the page has its own.
  }
  throw new Refused(said.message ?? '', said.error);
}

export async function ask<T>(path: string): Promise<T> {
  return (await (await checked(await fetch(path, { cache: 'no-store' }))).json()) as T;
}

export async function tell(path: string, body: object): Promise<Response> {
  return checked(await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }));
}
