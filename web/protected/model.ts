/** What the server says to her, and what the page makes of it. The wire contract is in docs/architecture.md. */
import type { Line } from '../lib/live';
import type { MapView } from '../lib/scene';

export type Tier = 'clear' | 'watch' | 'warning' | 'danger';
export type Sight = 'live' | 'stale' | 'blind';
export type Movement = 'approaching' | 'leaving' | 'steady' | 'unknown';
export type PlaceLabel = 'home' | 'work' | 'school' | 'shelter' | 'other';

export interface Words {
  low_m: number;
  high_m: number;
  bearing_deg: number | null;
  movement: Movement;
  contact_s: number | null;
  fix_age_s: number;
  /** Whose report would put the two nearer and waits for a second one; the distance here does not know of it. */
  unconfirmed: 'monitored' | 'protected' | null;
}

export interface PairState {
  pair: string;
  place: PlaceLabel | null;
  tier: Tier;
  seen: Sight;
  handset: Sight;
  since_ms: number;
  words: Words | null;
  map: MapView | null;
  closed: string | null;
}

export interface State {
  at_ms: number;
  late_s: number;
  pairs: PairState[];
  /** What a drill plays now; nothing of it is real. */
  drill?: { tier: Tier; until_ms: number } | null;
}

export interface Me {
  policy: { languages: string[]; emergency_number: string; time_zone: string; position_max_age_s: number; orders: number } | null;
  handset: { device_id: string } | null;
  demo: boolean;
  orders: HerOrder[];
  /** What the browser needs to subscribe to pushed notices; null where this server sends none. */
  push_key?: string | null;
  /** In which language the server's notices come; null until this page said so. */
  language?: string | null;
}

export interface HerOrder {
  /** Without a tag no position of his exists. */
  tagged: boolean;
  /** What she answered; null until she did. */
  given: boolean | null;
  measures: { kind: 'no_approach' | 'no_contact' | 'exclusion' | 'monitoring' | 'detention'; until_ms: number | null }[];
}

/** The one thing the screen says. Ordered: what comes first outranks what follows. */
export const FACES = ['lost', 'danger', 'warning', 'blind', 'handset', 'watch', 'stale', 'clear', 'untagged', 'left', 'none', 'connecting'] as const;
export type Face = (typeof FACES)[number];

/** What one pair calls for. Blindness never hides behind a calm tier. */
export function faceOfPair(pair: PairState): Face {
  if (pair.tier === 'danger' || pair.tier === 'warning') return pair.tier;
  if (pair.seen === 'blind') return 'blind';
  if (pair.handset !== 'live') return 'handset';
  if (pair.tier === 'watch') return 'watch';
  return pair.seen === 'stale' ? 'stale' : 'clear';
}

export interface Looked {
  face: Face;
  /** The pair that the sentence is about, if it is about one. */
  pair: PairState | null;
}

/** A state older than this is not the present any more, whatever the line seems to be. */
export const STATE_LIFE_MS = 15_000;

export function look(line: Line, state: State | null, ageMs: number): Looked {
  const worst = state === null ? null : worstPair(state.pairs);
  if (line === 'ended') return { face: 'none', pair: null };
  if (line !== 'live' && !(line === 'connecting' && state === null)) return { face: 'lost', pair: worst };
  if (state === null) return { face: 'connecting', pair: null };
  if (ageMs > STATE_LIFE_MS) return { face: 'lost', pair: worst };
  return worst === null ? { face: 'none', pair: null } : { face: faceOfPair(worst), pair: worst };
}

/** Why nobody is watched although the line lives: her order has no tag, or she left, or there is none. */
export function lookedBy(looked: Looked, line: Line, orders: readonly HerOrder[]): Looked {
  if (looked.face !== 'none' || line === 'ended' || orders.length === 0) return looked;
  if (orders.every((order) => order.given === false)) return { face: 'left', pair: null };
  return orders.some((order) => order.tagged) ? looked : { face: 'untagged', pair: null };
}

/** Real faces that no drill may stand before. */
const REAL: readonly Face[] = ['lost', 'danger', 'warning', 'connecting'];

/** What a drill makes of the screen: its made-up face, unless something real must be seen. Null: no drill shows. */
export function drilled(looked: Looked, state: State | null): Looked | null {
  const tier = state?.drill?.tier;
  if (tier === undefined || tier === 'clear' || REAL.includes(looked.face)) return null;
  return { face: tier, pair: null };
}

function worstPair(pairs: readonly PairState[]): PairState | null {
  let worst: PairState | null = null;
  for (const pair of pairs) {
    if (worst === null || FACES.indexOf(faceOfPair(pair)) < FACES.indexOf(faceOfPair(worst))) worst = pair;
  }
  return worst;
}

/**
 * What else must be said: every other pair that is not at rest. What the sentence already says of her phone is not said twice;
 * that he is not seen is always said, also beside something worse.
 */
export function others(state: State, looked: Looked): Looked[] {
  const phoneSaid = looked.pair !== null && looked.pair.handset !== 'live';
  return state.pairs
    .filter((pair) => pair.pair !== looked.pair?.pair)
    .map((pair) => ({ face: faceOfPair(pair), pair }))
    .filter(({ face }) => face !== 'clear' && !(face === 'handset' && phoneSaid));
}

/** Faces that fill the screen. */
export function alarms(face: Face): boolean {
  return face === 'danger' || face === 'warning';
}

/** One of eight winds for a bearing, counted clockwise from north. */
export function wind(bearingDeg: number): number {
  return Math.round((((bearingDeg % 360) + 360) % 360) / 45) % 8;
}

/** Ahead, right, behind or left of somebody who faces `headingDeg`. */
export function quarter(bearingDeg: number, headingDeg: number): 'ahead' | 'right' | 'behind' | 'left' {
  const turn = (((bearingDeg - headingDeg) % 360) + 360) % 360;
  return (['ahead', 'right', 'behind', 'left'] as const)[Math.round(turn / 90) % 4]!;
}

/** The state without the positions whose time is over: they are forgotten, not only hidden. The same object if none is. */
export function withoutOld(state: State, ageS: number): State {
  const over = (pair: PairState): boolean => pair.map !== null && ageS > pair.map.valid_s;
  if (!state.pairs.some(over)) return state;
  return { ...state, pairs: state.pairs.map((pair) => (over(pair) ? { ...pair, map: null } : pair)) };
}
