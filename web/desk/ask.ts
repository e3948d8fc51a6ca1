/** A request of the desk, and the server's sentence where it is refused. */

export class Refused extends Error {}

export async function askFor<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(
    path,
    body === undefined ? { cache: 'no-store' } : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
  );
  if (!answer.ok) throw new Refused(((await answer.json().catch(() => ({}))) as { message?: string }).message ?? '');
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

export const sentenceOf = (error: unknown, otherwise: string): string => (error instanceof Refused && error.message !== '' ? error.message : otherwise);
