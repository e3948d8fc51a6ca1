import { afterEach, describe, expect, it, vi } from 'vitest';
import { isWaiting, takeStep, type Asking } from './second';

const one: Asking = {
  number: 1,
  deed: 'end_order',
  target: 'o',
  detail: 'revoke',
  asked_by: 'a',
  asked_ms: 0,
  reason: 'r',
  until_ms: 1,
  state: 'asked',
  typed_by: null,
  settled_by: null,
  word: null,
  may: ['confirm', 'refuse'],
};

const answering = (status: number, body: object | null): void =>
  void vi.stubGlobal('fetch', () => Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status })));

afterEach(() => vi.unstubAllGlobals());

describe('what waits for a second person', () => {
  it('is what this person may confirm or adopt', () => {
    expect(isWaiting(one)).toBe(true);
    expect(isWaiting({ ...one, may: ['adopt', 'refuse'] })).toBe(true);
    for (const may of [[], ['withdraw'], ['refuse']] as const) expect(isWaiting({ ...one, may: [...may] })).toBe(false);
  });
});

describe('a step', () => {
  it('is taken, is refused with the sentence, or waits until somebody proved to be there', async () => {
    answering(204, null);
    expect(await takeStep('/confirm', { number: 1 })).toEqual({ is: 'taken' });
    answering(409, { error: 'refused', message: 'Ask a colleague.' });
    expect(await takeStep('/confirm', { number: 1 })).toEqual({ is: 'refused', sentence: 'Ask a colleague.' });
    answering(403, { error: 'proof_needed' });
    expect(await takeStep('/confirm', { number: 1 })).toEqual({ is: 'proof_needed' });
  });
});
