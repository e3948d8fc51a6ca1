import { describe, expect, it } from 'vitest';
import { before, Lateness, sinceMs } from './clock';

describe('time that has passed', () => {
  const then = { wallMs: 1_000_000, evenMs: 500 };
  it('is what the later clock says', () => {
    expect(sinceMs(then, { wallMs: 1_004_000, evenMs: 4_500 })).toBe(4_000);
  });
  it('counts sleep, during which the even clock may stand still', () => {
    expect(sinceMs(then, { wallMs: 1_600_000, evenMs: 700 })).toBe(600_000);
  });
  it('is not undone by a clock that is set back', () => {
    expect(sinceMs(then, { wallMs: 0, evenMs: 60_500 })).toBe(60_000);
  });
  it('can be dated back', () => {
    expect(sinceMs(before(then, 2_000), then)).toBe(2_000);
  });
});

describe('lateness', () => {
  it('does not need the two clocks to agree', () => {
    const late = new Lateness();
    expect(late.of(50_000, 1_000)).toBe(0);
    expect(late.of(53_000, 4_020)).toBe(20);
  });
  it('tells what waited in a sleeping phone from news', () => {
    const late = new Lateness();
    late.of(0, 0);
    expect(late.of(3_000, 603_000)).toBe(600_000);
  });
});
