/** The desk's words for what the core says. Whole sentences, in the operator's language. */
import { m } from '../lib/paraglide/messages.js';
import { getLocale } from '../lib/paraglide/runtime.js';
import type { Approach, Face, Health, Moment, Movement, Reason, Row, Sight, Tier } from './model';

export const FACES: Record<Face, () => string> = {
  sos: m.desk_face_sos,
  danger: m.desk_face_danger,
  warning: m.desk_face_warning,
  watch: m.desk_face_watch,
  blind: m.desk_face_blind,
  clear: m.desk_face_clear,
};

export const TIERS: Record<Tier, () => string> = {
  danger: m.desk_face_danger,
  warning: m.desk_face_warning,
  watch: m.desk_face_watch,
  clear: m.desk_face_clear,
};

export const SIGHTS: Record<Sight, () => string> = { live: m.desk_sight_live, stale: m.desk_sight_stale, blind: m.desk_sight_blind };

export const MOVEMENTS: Record<Movement, () => string> = {
  approaching: m.desk_move_approaching,
  leaving: m.desk_move_leaving,
  steady: m.desk_move_steady,
  unknown: m.desk_move_unknown,
};

export const APPROACHES: Record<Approach, () => string> = {
  monitored: m.desk_approach_monitored,
  protected: m.desk_approach_protected,
  both: m.desk_approach_both,
  cannot_tell: m.desk_approach_cannot_tell,
  none: m.desk_approach_none,
};

const PLACES: Record<string, () => string> = {
  home: m.desk_place_home,
  work: m.desk_place_work,
  school: m.desk_place_school,
  shelter: m.desk_place_shelter,
  other: m.desk_place_other,
};

const number = (digits: number): Intl.NumberFormat => new Intl.NumberFormat(getLocale(), { maximumFractionDigits: digits });

export function metres(value: number): string {
  if (value < 1000) return m.desk_metres({ value: number(0).format(value < 100 ? value : Math.round(value / 10) * 10) });
  return m.desk_kilometres({ value: number(value < 10_000 ? 1 : 0).format(value / 1000) });
}

export function range(low: number | null, high: number | null): string {
  if (low === null || high === null) return m.desk_unknown();
  const from = metres(low);
  const to = metres(high);
  return from === to ? from : m.desk_range({ from, to });
}

export function duration(seconds: number | null): string {
  if (seconds === null) return m.desk_unknown();
  if (seconds < 100) return m.desk_seconds({ value: number(0).format(seconds) });
  if (seconds < 5400) return m.desk_minutes({ value: number(0).format(seconds / 60) });
  return m.desk_hours({ value: number(0).format(seconds / 3600) });
}

export function clock(ms: number): string {
  return new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(ms);
}

export function place(kind: string): string {
  return (PLACES[kind] ?? m.desk_place_other)();
}

export function whom(row: Pick<Row, 'label_protected' | 'place'>): string {
  const name = row.label_protected ?? m.desk_unknown();
  const place = row.place === null ? undefined : PLACES[row.place];
  return place === undefined ? name : m.desk_whose_place({ name, place: place() });
}

export function health(one: Health | null, ageS: number): string {
  if (one === null) return m.desk_no_device();
  if (one.heard_s === null) return m.desk_never_heard();
  return m.desk_heard({ ago: duration(one.heard_s + ageS) });
}

export function battery(one: Health | null): string {
  return one?.battery_pct == null ? m.desk_unknown() : m.desk_percent({ value: number(0).format(one.battery_pct) });
}

function measure(rule: string, value: number): string {
  return rule.endsWith('_s') ? duration(value) : metres(value);
}

const SIDES = { monitored: m.desk_side_monitored, protected: m.desk_side_protected };

/** Why, in one sentence, with the number found and the number of the policy. */
export function why(reason: Reason): string {
  const value = measure(reason.rule, reason.value);
  const limit = measure(reason.rule, reason.limit);
  const side = reason.side === null ? '' : SIDES[reason.side]();
  switch (reason.cause) {
    case 'distance':
      return m.desk_why_distance({ value, limit });
    case 'time':
      return m.desk_why_time({ value, limit });
    case 'growth':
      return m.desk_why_growth({ value, limit });
    case 'segment':
      return m.desk_why_segment({ value, limit });
    case 'heading':
      return m.desk_why_heading({ value, limit });
    case 'soon':
      return m.desk_why_soon({ value, limit });
    case 'lost':
      return m.desk_why_lost({ side, value });
    case 'anew':
      return m.desk_why_anew({ side, value, limit });
    case 'suspect':
      return m.desk_why_suspect({ value, limit });
    case 'left':
      return m.desk_why_left({ value, limit });
    case 'aged':
      return m.desk_why_aged({ side, value, limit });
    case 'vague':
      return m.desk_why_vague({ side, value, limit });
    case 'seen':
      return m.desk_why_seen({ side });
    default:
      return m.desk_unknown();
  }
}

/** What a transition says, in one line. */
export function what(moment: Moment): string {
  if (moment.tier !== moment.tier_before) return m.desk_changed({ from: TIERS[moment.tier_before](), to: TIERS[moment.tier]() });
  if (moment.seen !== moment.seen_before) return m.desk_seen_now({ side: SIDES.monitored(), sight: SIGHTS[moment.seen]() });
  return m.desk_seen_now({ side: SIDES.protected(), sight: SIGHTS[moment.handset]() });
}
