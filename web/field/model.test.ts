import { expect, test } from 'vitest';
import { isLost, mayClose, nextStep, withoutOld, type FieldState } from './model';

const STATE: FieldState = {
  at_ms: 0,
  late_s: 0,
  opened_ms: 0,
  where: 'protected',
  status: 'sent',
  kinds: ['approach'],
  level: 'danger',
  drill: false,
  sos: null,
  phone: null,
  notes: [],
  pair: {
    place: null,
    tier: 'danger',
    seen: 'live',
    handset: 'live',
    since_ms: 0,
    words: null,
    map: { monitored: null, protected: null, rings: [], zone: null, trail: [], valid_s: 30 },
    closed: null,
  },
};

test('what is old is never the present, whatever the line says', () => {
  expect(isLost('live', STATE, 14_000)).toBe(false);
  expect(isLost('live', STATE, 16_000)).toBe(true);
  expect(isLost('lost', STATE, 0)).toBe(true);
  expect(isLost('lost', null, 0)).toBe(true);
  expect(isLost('connecting', null, 0)).toBe(false);
});

test('positions are forgotten when their time is over', () => {
  expect(withoutOld(STATE, 29)).toBe(STATE);
  expect(withoutOld(STATE, 31).pair?.map).toBeNull();
});

test('steps follow each other and closing is offered where the table allows it', () => {
  expect((['waiting', 'received', 'sent', 'arrived', 'done'] as const).map(nextStep)).toEqual(['received', 'sent', 'arrived', 'done', null]);
  expect(mayClose('waiting')).toBe(false);
  expect(mayClose('sent')).toBe(true);
  expect(mayClose('done')).toBe(false);
});
