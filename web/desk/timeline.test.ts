import { expect, test } from 'vitest';
import type { Notice, Whole } from './incidents';
import { timeline } from './timeline';

const notice = (made_ms: number, receipts: Notice['receipts'] = []): Notice => ({
  to: 'protected',
  title: 't',
  text: 'x',
  state: 'shown',
  short: false,
  made_ms,
  tries: [],
  receipts,
});
const entry = (number: number, at_ms: number): Whole['entries'][number] => ({ number, at_ms, what: 'note', by: 'kim', reason: null, place: null, told: null });
const whole = (more: Partial<Whole>): Whole => ({ row: {} as Whole['row'], entries: [], moments: [], places: {}, reports: [], agencies: {}, notices: [], scripts: [], ...more });

test('acts, notices, receipts and reports stand in one order of time, and nothing is left out', () => {
  const lines = timeline(whole({ entries: [entry(1, 10), entry(2, 30)], notices: [notice(20, [{ step: 'shown', at_ms: 25 }])], reports: [5, 6, 7, 27] }));
  expect(lines.map((line) => [line.what, line.at_ms])).toEqual([
    ['reports', 5],
    ['entry', 10],
    ['notice', 20],
    ['receipt', 25],
    ['reports', 27],
    ['entry', 30],
  ]);
  expect(lines[0]).toMatchObject({ count: 3, until_ms: 7 });
});

test('at an earlier moment only what was known then stands there', () => {
  const known = timeline(whole({ entries: [entry(1, 10), entry(2, 30)], notices: [notice(20, [{ step: 'shown', at_ms: 25 }])] }), 22);
  expect(known.map((line) => line.what)).toEqual(['entry', 'notice']);
});

test('lines of one millisecond keep the sequence of the history', () => {
  const lines = timeline(whole({ entries: [entry(1, 10), entry(2, 10), entry(3, 10)], notices: [notice(10)] }));
  expect(lines.map((line) => (line.what === 'entry' ? line.entry.number : line.what))).toEqual([1, 2, 3, 'notice']);
});
