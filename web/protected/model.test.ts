import { describe, expect, it } from 'vitest';
import { drilled, faceOfPair, look, others, quarter, STATE_LIFE_MS, wind, withoutOld, type PairState, type State } from './model';

const pair = (more: Partial<PairState> = {}): PairState => ({
  pair: 'a',
  place: null,
  tier: 'clear',
  seen: 'live',
  handset: 'live',
  since_ms: 0,
  words: null,
  map: null,
  closed: 'outside_ring',
  ...more,
});
const state = (...pairs: PairState[]): State => ({ at_ms: 0, late_s: 0, pairs });

describe('the one sentence', () => {
  it('never says clear while he cannot be seen or her phone is silent', () => {
    for (const tier of ['clear', 'watch'] as const) {
      expect(faceOfPair(pair({ tier, seen: 'blind' }))).toBe('blind');
      expect(faceOfPair(pair({ tier, handset: 'blind' }))).toBe('handset');
    }
    expect(faceOfPair(pair({ seen: 'stale' }))).toBe('stale');
  });

  it('says danger even when he cannot be seen', () => {
    expect(faceOfPair(pair({ tier: 'danger', seen: 'blind', handset: 'blind' }))).toBe('danger');
  });

  it('is about the worst of all pairs, whatever the order they come in', () => {
    const home = pair({ pair: 'home', place: 'home', tier: 'watch' });
    expect(look('live', state(home, pair({ seen: 'blind' })), 0).face).toBe('blind');
    expect(look('live', state(pair({ seen: 'blind' }), pair({ pair: 'b', tier: 'danger' })), 0).pair?.pair).toBe('b');
  });

  it('leaves no other pair unsaid that is not at rest, blindness least of all', () => {
    const near = pair({ pair: 'a', tier: 'danger' });
    const all = state(near, pair({ pair: 'b', seen: 'blind' }), pair({ pair: 'c' }), pair({ pair: 'd', tier: 'watch', seen: 'blind' }));
    expect(others(all, look('live', all, 0)).map(({ face, pair: other }) => [other?.pair, face])).toEqual([
      ['b', 'blind'],
      ['d', 'blind'],
    ]);
  });

  it('says once that her phone is silent', () => {
    const silent = pair({ pair: 'b', handset: 'blind' });
    const home = state(pair({ pair: 'a', place: 'home', tier: 'danger' }), silent);
    expect(others(home, look('live', home, 0)).map(({ face }) => face)).toEqual(['handset']);
    const both = state(pair({ pair: 'a', tier: 'danger', handset: 'blind' }), silent);
    expect(others(both, look('live', both, 0))).toEqual([]);
  });

  it('says that the line is lost before anything else', () => {
    expect(look('lost', state(pair({ tier: 'danger' })), 0).face).toBe('lost');
  });

  it('never takes an old state for the present: a phone that slept, a tab that froze', () => {
    expect(look('live', state(pair()), STATE_LIFE_MS + 1).face).toBe('lost');
  });

  it('says that nothing is known yet, and that no order is in force', () => {
    expect(look('connecting', null, 0).face).toBe('connecting');
    expect(look('live', state(), 0).face).toBe('none');
    expect(look('ended', state(pair()), 0).face).toBe('none');
  });
});

describe('directions', () => {
  it('has eight winds', () => {
    expect([0, 44, 46, 90, 180, 270, 350, -10, 720].map(wind)).toEqual([0, 1, 1, 2, 4, 6, 0, 0, 0]);
  });
  it('knows where that is for somebody who faces elsewhere', () => {
    expect(quarter(90, 90)).toBe('ahead');
    expect(quarter(0, 90)).toBe('left');
    expect(quarter(180, 90)).toBe('right');
    expect(quarter(270, 90)).toBe('behind');
    expect(quarter(10, 350)).toBe('ahead');
  });
});

it('forgets positions when their time is over, and keeps the rest', () => {
  const map = { monitored: null, protected: null, rings: [], zone: null, trail: [], valid_s: 30 };
  const both = state(pair({ map }), pair({ pair: 'b', map: { ...map, valid_s: 90 } }));
  expect(withoutOld(both, 30)).toBe(both);
  expect(withoutOld(both, 31).pairs.map((each) => each.map?.valid_s ?? null)).toEqual([null, 90]);
});

describe('a drill', () => {
  const state = (tier: 'watch' | 'danger' | 'clear'): State => ({ at_ms: 0, late_s: 0, pairs: [], drill: { tier, until_ms: 9 } });

  it('shows its own face and never stands before something real', () => {
    expect(drilled({ face: 'clear', pair: null }, state('danger'))).toEqual({ face: 'danger', pair: null });
    expect(drilled({ face: 'clear', pair: null }, state('clear'))).toBeNull();
    for (const face of ['danger', 'warning', 'lost', 'connecting'] as const) expect(drilled({ face, pair: null }, state('danger'))).toBeNull();
    expect(drilled({ face: 'clear', pair: null }, { at_ms: 0, late_s: 0, pairs: [] })).toBeNull();
  });
});
