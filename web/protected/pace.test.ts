import { describe, expect, it } from 'vitest';
import { Pace } from './pace';

/** The seconds at which a phone that measures each second sends, over some time. */
function sent(pace: Pace, seconds: number, from = 0): number[] {
  return Array.from({ length: seconds }, (_, second) => from + second).filter((second) => pace.due(second * 1000));
}

describe('the pace of her reports', () => {
  it('sends every position until it is told otherwise', () => {
    expect(sent(new Pace(), 4)).toEqual([0, 1, 2, 3]);
  });

  it('obeys the interval it is asked for', () => {
    const pace = new Pace();
    pace.heard({ accepted: 1, repeated: 0, refused: [], interval_s: 60 });
    expect(sent(pace, 130)).toEqual([0, 59, 118]);
    pace.heard({ accepted: 1, interval_s: 15 });
    expect(sent(pace, 31, 130)).toEqual([132, 146, 160]);
    pace.heard({ accepted: 1, interval_s: 5 });
    expect(sent(pace, 3, 161)).toEqual([161, 162, 163]);
  });

  it('keeps its pace when an answer says nothing of it, or nonsense', () => {
    const pace = new Pace();
    pace.heard({ interval_s: 30 });
    for (const answer of [null, 7, {}, { interval_s: null }, { interval_s: '5' }, { interval_s: 0 }, { interval_s: 1e9 }, { interval_s: NaN }]) {
      pace.heard(answer);
    }
    expect(sent(pace, 60)).toEqual([0, 29, 58]);
  });

  it('sends at once when something changed, and after a clock was set back', () => {
    const pace = new Pace();
    pace.heard({ interval_s: 60 });
    expect(pace.due(100_000)).toBe(true);
    expect(pace.due(101_000)).toBe(false);
    pace.hurry();
    expect(pace.due(102_000)).toBe(true);
    expect(pace.due(40_000)).toBe(true);
  });
});
