/** What the server says to an officer, and what the page makes of it. The wire contract is in docs/architecture.md. */
import type { Line } from '../lib/live';
import type { MapView } from '../lib/scene';

export type Tier = 'clear' | 'watch' | 'warning' | 'danger';
export type Sight = 'live' | 'stale' | 'blind';
export type Status = 'waiting' | 'received' | 'sent' | 'arrived' | 'done';
export type Outcome = 'helped' | 'arrested' | 'warned' | 'no_breach' | 'technical';
export const OUTCOMES: readonly Outcome[] = ['helped', 'arrested', 'warned', 'no_breach', 'technical'];

export interface Words {
  low_m: number;
  high_m: number;
  bearing_deg: number | null;
  movement: 'approaching' | 'leaving' | 'steady' | 'unknown';
  contact_s: number | null;
  fix_age_s: number;
}

export interface Pair {
  place: string | null;
  tier: Tier;
  seen: Sight;
  handset: Sight;
  since_ms: number;
  words: Words | null;
  map: MapView | null;
  closed: string | null;
}

export interface FieldState {
  at_ms: number;
  late_s: number;
  opened_ms: number;
  where: 'protected' | 'monitored';
  status: Status;
  kinds: string[];
  level: Tier;
  drill: boolean;
  sos: { since_ms: number; silent: boolean } | null;
  phone: { heard_s: number | null; battery_pct: number | null } | null;
  notes: string[];
  pair: Pair | null;
}

export interface Me {
  viewer: string;
  where: string;
  until_ms: number;
  position_max_age_s: number;
  demo: boolean;
  notes_version: string;
  notes: { key: string; text: Record<string, string> }[];
}

/** A state older than this is not the present any more, whatever the line seems to be. */
export const STATE_LIFE_MS = 15_000;

/** Whether what is on the screen is the present. */
export function isLost(line: Line, state: FieldState | null, ageMs: number): boolean {
  return line === 'lost' || (state !== null && (line !== 'live' || ageMs > STATE_LIFE_MS));
}

/** The step that follows by itself; closing is always a choice of its own. */
export function nextStep(status: Status): Status | null {
  return ({ waiting: 'received', received: 'sent', sent: 'arrived', arrived: 'done', done: null } as const)[status];
}

/** Whether a part may be closed now, by the table of tasks. */
export function mayClose(status: Status): boolean {
  return status === 'received' || status === 'sent' || status === 'arrived';
}

/** The state without the positions whose time is over: forgotten, not only hidden. The same object if none is. */
export function withoutOld(state: FieldState, ageS: number): FieldState {
  if (state.pair === null || state.pair.map === null || ageS <= state.pair.map.valid_s) return state;
  return { ...state, pair: { ...state.pair, map: null } };
}
