import { describe, expect, it } from 'vitest';
import { isWaiting, type Asking } from './second';

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
  settled_by: null,
  word: null,
  mine: false,
};

describe('what waits for a second person', () => {
  it('is what others asked for and nobody settled', () => {
    expect(isWaiting(one)).toBe(true);
    expect(isWaiting({ ...one, mine: true })).toBe(false);
    for (const state of ['confirmed', 'refused', 'withdrawn', 'expired', 'done', 'failed'] as const) expect(isWaiting({ ...one, state })).toBe(false);
  });
});
