/** How a page of staff asks its server: what is refused throws with the server's own sentence, and who is signed out is told so. */

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
