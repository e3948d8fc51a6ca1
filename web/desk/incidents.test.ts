import { expect, test } from 'vitest';
import { kept, leftS, NEXT, type Incident } from './incidents';

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

test('a row that says what it said before is the same row, in whatever order the queue comes', () => {
  const row = (incident: string, low_m: number) => ({ incident, low_m, tasks: [] }) as unknown as Incident;
  const before = [row('a', 1), row('b', 2)];
  const after = kept(before, [row('b', 3), row('a', 1), row('c', 1)]);
  expect(after.map((one) => [one.incident, one.low_m])).toEqual([['b', 3], ['a', 1], ['c', 1]]);
  expect(after[1]).toBe(before[0]);
  expect(after[0]).not.toBe(before[1]);
});
