/** The officers' words: whole sentences, read in a second. */
import { m } from '../lib/paraglide/messages.js';
import { getLocale } from '../lib/paraglide/runtime.js';
import type { FieldState, Outcome, Pair, Status, Words } from './model';

const HERE = { danger: m.field_her_danger, warning: m.field_her_warning, watch: m.field_her_watch, clear: m.field_her_clear };
const AT_PLACE = { ...HERE, danger: m.field_place_danger, warning: m.field_place_warning };
const WINDS = [m.wind_n, m.wind_ne, m.wind_e, m.wind_se, m.wind_s, m.wind_sw, m.wind_w, m.wind_nw];
const MOVES = { approaching: m.field_approaching, leaving: m.field_leaving, steady: m.field_steady, unknown: m.field_unknown_move };

export const STEPS: Record<Exclude<Status, 'waiting'>, () => string> = {
  received: m.field_step_received,
  sent: m.field_step_sent,
  arrived: m.field_step_arrived,
  done: m.field_step_done,
};

export const STATUSES: Record<Status, () => string> = {
  waiting: m.field_status_waiting,
  received: m.field_status_received,
  sent: m.field_status_sent,
  arrived: m.field_status_arrived,
  done: m.field_status_done,
};

export const OUTCOME_WORDS: Record<Outcome, () => string> = {
  helped: m.field_outcome_helped,
  arrested: m.field_outcome_arrested,
  warned: m.field_outcome_warned,
  no_breach: m.field_outcome_no_breach,
  technical: m.field_outcome_technical,
};

export const CLOSED: Record<string, () => string> = { no_position: m.field_map_no_position, no_record: m.field_map_no_record };

export function sentence(pair: Pair | null): string {
  if (pair === null) return m.field_her_unknown();
  return (pair.place === null ? HERE : AT_PLACE)[pair.tier]();
}

/** What is not seen, said beside everything else: silence never looks like safety. */
export function unseen(pair: Pair): string[] {
  const said = [];
  if (pair.seen !== 'live') said.push(pair.seen === 'blind' ? m.field_him_blind() : m.field_him_stale());
  if (pair.place === null && pair.handset !== 'live') said.push(pair.handset === 'blind' ? m.field_her_blind() : m.field_her_stale());
  return said;
}

function whole(value: number, digits = 0): string {
  return new Intl.NumberFormat(getLocale(), { maximumFractionDigits: digits }).format(value);
}

/** Rounded outwards, so that the range stays true. */
export function distance(words: Words): string {
  const step = words.high_m < 200 ? 10 : words.high_m < 2000 ? 50 : 500;
  const low = Math.floor(words.low_m / step) * step;
  const high = Math.ceil(words.high_m / step) * step;
  const said = (metres: number): string => (high < 1000 ? `${whole(metres)} m` : `${whole(metres / 1000, 2)} km`);
  return low === 0 ? m.field_apart_most({ high: said(high) }) : m.field_apart({ low: said(low), high: said(high) });
}

export function direction(bearingDeg: number, fromPlace: boolean): string {
  const wind = WINDS[Math.round((((bearingDeg % 360) + 360) % 360) / 45) % 8]!();
  return fromPlace ? m.field_direction_place({ wind }) : m.field_direction({ wind });
}

export function movement(words: Words): string {
  return MOVES[words.movement]();
}

export function contact(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? m.field_contact_now() : m.field_contact({ minutes: whole(minutes) });
}

export function duration(seconds: number): string {
  const unit = seconds < 90 ? 'second' : seconds < 5400 ? 'minute' : 'hour';
  const value = Math.round(seconds / { second: 1, minute: 60, hour: 3600 }[unit]);
  return new Intl.NumberFormat(getLocale(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

export function time(ms: number): string {
  return new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit' }).format(ms);
}

export function percent(value: number): string {
  return whole(value);
}

export function called(sos: NonNullable<FieldState['sos']>): string {
  return (sos.silent ? m.field_silent : m.field_sos)({ time: time(sos.since_ms) });
}
