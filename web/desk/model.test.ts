import { describe, expect, it } from 'vitest';
import { callers, faceOf, holdOrder, matches, outOfOrder, type Row } from './model';

const row = (pair: string, more: Partial<Row> = {}): Row => ({
  pair,
  label_monitored: `M-${pair}`,
  label_protected: `P-${pair}`,
  place: null,
  tier: 'clear',
  seen: 'live',
  handset: 'live',
  since_ms: 0,
  low_m: 100,
  high_m: 120,
  contact_s: null,
  movement: 'steady',
  approach: 'none',
  unconfirmed: null,
  sos: null,
  reasons: [],
  tag: { heard_s: 1, fix_age_s: 1, battery_pct: 80, error_m: 5 },
  phone: null,
  ...more,
});

describe('a row on the desk', () => {
  it('never looks clear while somebody cannot be seen', () => {
    expect(faceOf(row('a', { seen: 'blind' }))).toBe('blind');
    expect(faceOf(row('a', { handset: 'blind', tier: 'watch' }))).toBe('blind');
  });

  it('shows danger even when blind, and an SOS before all', () => {
    expect(faceOf(row('a', { seen: 'blind', tier: 'danger' }))).toBe('danger');
    expect(faceOf(row('a', { sos: { since_ms: 1, silent: false }, tier: 'danger' }))).toBe('sos');
  });

  it('counts a call once, in person before her home, and two persons of one name twice', () => {
    const sos = { since_ms: 1, silent: false };
    const rows = [row('home', { sos, label_protected: 'P', place: 'home' }), row('her', { sos, label_protected: 'P' }), row('calm')];
    expect(callers(rows).map((r) => r.pair)).toEqual(['her']);
    expect(callers([rows[0]!]).map((r) => r.pair)).toEqual(['home']);
    const other = row('other', { sos: { since_ms: 2, silent: true }, label_protected: 'P' });
    expect(callers([...rows, other]).map((r) => r.pair)).toEqual(['her', 'other']);
  });

  it('stays where it is while the order is held, with its new values', () => {
    const shown = [row('a'), row('b')];
    const now = [row('c', { tier: 'danger' }), row('b', { low_m: 5 }), row('a')];
    const held = holdOrder(shown, now);
    expect(held.map((r) => r.pair)).toEqual(['a', 'b', 'c']);
    expect(held[1]?.low_m).toBe(5);
    expect(outOfOrder(held, now)).toBe(true);
    expect(outOfOrder(now, now)).toBe(false);
  });

  it('leaves when its pair is gone', () => {
    expect(holdOrder([row('a'), row('b')], [row('b')]).map((r) => r.pair)).toEqual(['b']);
  });

  it('is found by any of its names', () => {
    expect(matches(row('x7'), 'm-x p-')).toBe(true);
    expect(matches(row('x7'), 'zz')).toBe(false);
  });
});
