import { expect, test } from 'vitest';
import { leftS, NEXT } from './incidents';

test('a clock that has rung shows 0, and none is not 0', () => {
  expect(leftS(10_000, 4_001)).toBe(6);
  expect(leftS(10_000, 20_000)).toBe(0);
  expect(leftS(null, 20_000)).toBe(null);
});

test('every step of a task leads forward and the last one nowhere', () => {
  const order = ['waiting', 'received', 'sent', 'arrived', 'done'] as const;
  for (const step of order) for (const next of NEXT[step]) expect(order.indexOf(next)).toBeGreaterThan(order.indexOf(step));
  expect(NEXT.done).toEqual([]);
});
