import { describe, expect, it } from 'vitest';
import { m } from './texts';
import type { PairState } from './model';
import { advice } from './words';

const watched = (contact_s: number | null): PairState => ({
  pair: 'a',
  place: null,
  tier: 'watch',
  seen: 'live',
  handset: 'live',
  since_ms: 0,
  words: { low_m: 0, high_m: 900, bearing_deg: null, movement: 'unknown', contact_s, fix_age_s: 1, unconfirmed: null },
  map: null,
  closed: 'outside_ring',
});

describe('what to do', () => {
  it('is never nothing while he could be there within two minutes', () => {
    expect(advice('watch', watched(33), '112')).toBe(m.her_do_warning({ number: '112' }));
    expect(advice('watch', watched(0), '112')).toBe(m.her_do_warning({ number: '112' }));
    expect(advice('watch', watched(600), '112')).toBe(m.her_do_watch());
    expect(advice('watch', watched(null), '112')).toBe(m.her_do_watch());
  });
});
