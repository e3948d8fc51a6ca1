import { describe, expect, it } from 'vitest';
import type { PairState, Words } from '../model';
import { waysOut, type Mine, type SafePlace } from './wayout';

const ME: Mine = { lat: 37.5, lon: 127, error_m: 10 };
const DEGREE_M = 111_320;
const at = (name: string, east: number, north: number): SafePlace => ({
  name,
  lat: ME.lat + north / DEGREE_M,
  lon: ME.lon + east / (DEGREE_M * Math.cos((ME.lat * Math.PI) / 180)),
});
const NORTH = at('north', 0, 500);
const SOUTH = at('south', 0, -500);
const EAST = at('east', 800, 0);

function pair(more: Partial<PairState> = {}, words: Partial<Words> | null = {}): PairState {
  const said: Words = { low_m: 250, high_m: 310, bearing_deg: 0, movement: 'approaching', contact_s: 90, fix_age_s: 3, unconfirmed: null, ...words };
  return { pair: 'p', place: null, tier: 'danger', seen: 'live', handset: 'live', since_ms: 0, words: words === null ? null : said, map: null, closed: null, ...more };
}
const verdicts = (pairs: PairState[], me: Mine | null = ME, elapsedS = 1): Record<string, string> =>
  Object.fromEntries(waysOut([NORTH, SOUTH, EAST], pairs, me, elapsedS).map((one) => [one.place.name, one.verdict]));

describe('ways out', () => {
  it('lead away from him and never towards him', () => {
    expect(verdicts([pair()])).toEqual({ south: 'away', east: 'unsure', north: 'towards' });
    expect(waysOut([NORTH, SOUTH, EAST], [pair()], ME, 1)[0]!.place.name).toBe('south');
    expect(Math.round(waysOut([SOUTH], [pair()], ME, 1)[0]!.bearing_deg!)).toBe(180);
  });

  it('are unsure where his direction is not known: blind, old, at a place, or all round her', () => {
    const unsure = { south: 'unsure', east: 'unsure', north: 'unsure' };
    expect(verdicts([pair({ seen: 'blind' })])).toEqual(unsure);
    expect(verdicts([pair({}, { bearing_deg: null })])).toEqual(unsure);
    expect(verdicts([pair({ place: 'home' })])).toEqual(unsure);
    expect(verdicts([pair({}, null)])).toEqual(unsure);
    expect(verdicts([pair()], ME, 61)).toEqual(unsure);
    expect(verdicts([])).toEqual(unsure);
    expect(verdicts([pair({}, { low_m: 0, high_m: 900 })])['south']).toBe('unsure');
  });

  it('count the worst of several men, and a place pair that tells no position makes all of it unsure', () => {
    expect(verdicts([pair(), pair({ pair: 'q' }, { bearing_deg: 180 })])).toEqual({ south: 'towards', east: 'unsure', north: 'towards' });
    expect(verdicts([pair(), pair({ pair: 'q', place: 'home', tier: 'warning' })])['south']).toBe('unsure');
    expect(verdicts([pair(), pair({ pair: 'q', place: 'home', tier: 'clear' })])['south']).toBe('away');
  });

  it('use the map where it is open, also of a pair of a place', () => {
    const side = { latitude: ME.lat - 300 / DEGREE_M, longitude: ME.lon, error_m: 10, age_s: 2, course_deg: null, speed_mps: null, pin: true };
    const map = { monitored: side, protected: null, rings: [], zone: null, trail: [], valid_s: 30 };
    expect(verdicts([pair({ place: 'home', map })])).toEqual({ north: 'away', east: 'unsure', south: 'towards' });
  });

  it('are unknown without her own position or the place’s, and leave out where she is', () => {
    expect(verdicts([pair()], null)).toEqual({ north: 'unknown', south: 'unknown', east: 'unknown' });
    expect(waysOut([{ name: 'x', lat: null, lon: null }], [pair()], ME, 0)[0]!.verdict).toBe('unknown');
    expect(waysOut([at('here', 5, 5)], [pair()], ME, 0)).toEqual([]);
  });

  it('take her, step by step, further from every place where he may be: tried in all directions', () => {
    let steps = 0;
    const nearer: number[] = [];
    for (let bearing = 0; bearing < 360; bearing += 15) {
      for (const [low_m, high_m] of [[40, 110], [250, 310], [300, 900]] as const) {
        for (let turn = 0; turn < 360; turn += 10) {
          const rad = (turn * Math.PI) / 180;
          const place = at('p', 600 * Math.sin(rad), 600 * Math.cos(rad));
          const [found] = waysOut([place], [pair({}, { bearing_deg: bearing, low_m, high_m })], ME, 0);
          if (found!.verdict !== 'away') continue;
          const middle = (low_m + high_m) / 2;
          for (let edge = 0; edge < 360; edge += 30) {
            const e = (edge * Math.PI) / 180;
            const b = (bearing * Math.PI) / 180;
            const radius = (high_m - low_m) / 2;
            const him = { x: middle * Math.sin(b) + radius * Math.sin(e), y: middle * Math.cos(b) + radius * Math.cos(e) };
            let before = Math.hypot(him.x, him.y);
            for (let walked = 50; walked <= 600; walked += 50) {
              const now = Math.hypot(walked * Math.sin(rad) - him.x, walked * Math.cos(rad) - him.y);
              steps += 1;
              if (now <= before) nearer.push(bearing);
              before = now;
            }
          }
        }
      }
    }
    expect(steps).toBeGreaterThan(1_000);
    expect(nearer).toEqual([]);
  });
});
