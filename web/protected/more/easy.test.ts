import { beforeAll, describe, expect, it } from 'vitest';
import { FACES, type PairState } from '../model';
import { m, speakMore } from '../texts';
import { easySentence, stepsOf } from './easy';

const near = (more: Partial<PairState> = {}): PairState => ({
  pair: 'a',
  place: null,
  tier: 'danger',
  seen: 'live',
  handset: 'live',
  since_ms: 0,
  words: { low_m: 300, high_m: 400, bearing_deg: 40, movement: 'approaching', contact_s: 60, fix_age_s: 2, unconfirmed: null },
  map: null,
  closed: null,
  ...more,
});

beforeAll(speakMore);

describe('easy words', () => {
  it('say something short and one first thing for every state', () => {
    for (const face of FACES) {
      expect(easySentence(face, null).length).toBeGreaterThan(0);
      expect(easySentence(face, null).length).toBeLessThan(45);
      for (const step of stepsOf(face, null, 0, '112')) expect(step.text.length).toBeGreaterThan(0);
    }
  });

  it('never send her to a place where he is, and never say that there is nothing to do while he could soon be here', () => {
    expect(stepsOf('danger', near({ place: 'home' }), 0, '112').map((step) => step.picture)).toEqual(['away', 'people', 'call']);
    expect(stepsOf('watch', near(), 0, '112')[0]!.picture).toBe('home');
    expect(stepsOf('watch', near({ words: { ...near().words!, contact_s: 600 } }), 0, '112')[0]!.picture).toBe('rest');
    expect(stepsOf('watch', near({ words: { ...near().words!, contact_s: 130 } }), 20, '112')[0]!.picture).toBe('home');
  });

  it('name the number in danger, and the place where he is', () => {
    expect(stepsOf('danger', null, 0, '112').at(-1)!.text).toBe('Call 112.');
    expect(easySentence('danger', near({ place: 'home' }))).toBe(m.her_danger_home());
  });
});
