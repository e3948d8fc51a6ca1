import { describe, expect, it } from 'vitest';
import { dayMs, monthOf, stageOf, type Review } from './model';

const review: Review = {
  review_id: 'r',
  kind: 'many_views',
  viewer: 'a',
  subject: 'p',
  opened_ms: 0,
  due_ms: 1_000,
  times: 3,
  owner: null,
  status: 'open',
  outcome: null,
  reason: null,
  decided_ms: null,
};

describe('a review', () => {
  it('is late from its moment on, and never once decided', () => {
    expect(stageOf(review, 999)).toBe('open');
    expect(stageOf(review, 1_000)).toBe('late');
    expect(stageOf({ ...review, status: 'decided' }, 5_000)).toBe('decided');
  });
});

describe('days and months', () => {
  it('are those of the ledger, UTC', () => {
    expect(monthOf(Date.UTC(2026, 10, 30, 23, 59))).toBe('2026-11');
    expect(dayMs('2026-11-28', false)).toBe(Date.UTC(2026, 10, 28));
    expect(dayMs('2026-11-28', true)).toBe(Date.UTC(2026, 10, 29));
  });
  it('are nothing when they are no day', () => {
    for (const day of ['', '28.11.2026', '2026-13-01']) expect(dayMs(day, false)).toBeNull();
  });
});
