/**
 * Which of her own places lead away from him, by what this screen shows her and by where her phone is. It never guesses: a way is called
 * away only if each step of it, on the straight line, takes her further from everywhere he may be.
 */
import type { PairState } from '../model';

export interface SafePlace {
  name: string;
  lat: number | null;
  lon: number | null;
}

/** Where she is, by her own phone. */
export interface Mine {
  lat: number;
  lon: number;
  error_m: number;
}

/** Worst last: of what several pairs say, the worst counts. */
const VERDICTS = ['away', 'unsure', 'towards'] as const;
export type Verdict = (typeof VERDICTS)[number] | 'unknown';

export interface Way {
  place: SafePlace;
  verdict: Verdict;
  distance_m: number | null;
  bearing_deg: number | null;
}

/** Metres east and north of her. */
interface Point {
  east: number;
  north: number;
}
/** Where he may be: a disc. */
interface Region extends Point {
  radius_m: number;
}

const DEGREE_M = 111_320;
const OLD_S = 60;
/** He moves on while his position ages: a run. */
const GROWS_MPS = 6;
/** Steps on streets bend: so many degrees beyond a right angle are asked for. */
const AWAY_DEG = 100;
const TOWARDS_DEG = 60;
/** She is there already. */
const HERE_M = 40;

const degrees = (radians: number): number => (radians * 180) / Math.PI;
const radians = (deg: number): number => (deg * Math.PI) / 180;
const lengthOf = ({ east, north }: Point): number => Math.hypot(east, north);

function from(me: Mine, lat: number, lon: number): Point {
  return { east: (lon - me.lon) * DEGREE_M * Math.cos(radians(me.lat)), north: (lat - me.lat) * DEGREE_M };
}

function angleBetween(one: Point, other: Point): number {
  const turn = Math.abs(degrees(Math.atan2(one.east, one.north) - Math.atan2(other.east, other.north))) % 360;
  return turn > 180 ? 360 - turn : turn;
}

/** Where he may be as this pair tells it; null where it does not. */
export function regionOf(pair: PairState, me: Mine, elapsedS: number): Region | null {
  const side = pair.map?.monitored ?? null;
  if (side !== null && side.age_s + elapsedS <= OLD_S) {
    return { ...from(me, side.latitude, side.longitude), radius_m: side.error_m + me.error_m + GROWS_MPS * (side.age_s + elapsedS) };
  }
  const words = pair.words;
  if (pair.place !== null || words === null || words.bearing_deg === null || pair.seen !== 'live' || words.fix_age_s + elapsedS > OLD_S) return null;
  const far = (words.low_m + words.high_m) / 2;
  const bearing = radians(words.bearing_deg);
  // The interval holds both errors as they were then; since then he may have moved.
  const radius_m = (words.high_m - words.low_m) / 2 + GROWS_MPS * elapsedS;
  return { east: far * Math.sin(bearing), north: far * Math.cos(bearing), radius_m };
}

function judge(place: Point, him: Region): (typeof VERDICTS)[number] {
  const far = lengthOf(him);
  const between = lengthOf({ east: place.east - him.east, north: place.north - him.north });
  if (between < far) return 'towards';
  if (him.radius_m >= far) return 'unsure';
  const spread = degrees(Math.asin(him.radius_m / far));
  const turn = angleBetween(place, him);
  if (turn - spread < TOWARDS_DEG) return 'towards';
  return turn - spread >= AWAY_DEG ? 'away' : 'unsure';
}

/** Pairs that say nothing of where he is, though they are not at rest, make every way unsure: it may be another man. */
function verdictOf(place: Point, pairs: readonly PairState[], me: Mine, elapsedS: number): (typeof VERDICTS)[number] {
  const found = pairs
    .map((pair) => ({ pair, region: regionOf(pair, me, elapsedS) }))
    .filter(({ pair, region }) => region !== null || pair.tier !== 'clear' || pair.seen !== 'live')
    .map(({ region }) => (region === null ? 'unsure' : judge(place, region)));
  if (found.length === 0) return 'unsure';
  return VERDICTS[Math.max(...found.map((one) => VERDICTS.indexOf(one)))]!;
}

function way(place: SafePlace, pairs: readonly PairState[], me: Mine | null, elapsedS: number): Way {
  if (me === null || place.lat === null || place.lon === null) return { place, verdict: 'unknown', distance_m: null, bearing_deg: null };
  const there = from(me, place.lat, place.lon);
  const bearing_deg = (degrees(Math.atan2(there.east, there.north)) + 360) % 360;
  return { place, verdict: verdictOf(there, pairs, me, elapsedS), distance_m: lengthOf(there), bearing_deg };
}

const ORDER: readonly Verdict[] = ['away', 'unsure', 'unknown', 'towards'];

/** Her places, those that lead away first and the nearest of them; one where she stands already is left out. */
export function waysOut(places: readonly SafePlace[], pairs: readonly PairState[], me: Mine | null, elapsedS: number): Way[] {
  return places
    .map((place) => way(place, pairs, me, elapsedS))
    .filter((one) => one.distance_m === null || one.distance_m > HERE_M)
    .sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict) || (one.distance_m ?? 0) - (other.distance_m ?? 0));
}
