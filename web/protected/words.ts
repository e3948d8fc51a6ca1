/** Her words: whole sentences in her language, never glued from pieces. */
import { intlTag, m } from './texts';
import { quarter, wind, type Face, type Movement, type PairState, type PlaceLabel, type Words } from './model';

const AT_PLACE: Record<PlaceLabel, { danger: () => string; warning: () => string; watch: () => string }> = {
  home: { danger: m.her_danger_home, warning: m.her_warning_home, watch: m.her_watch_home },
  work: { danger: m.her_danger_work, warning: m.her_warning_work, watch: m.her_watch_work },
  school: { danger: m.her_danger_school, warning: m.her_warning_school, watch: m.her_watch_school },
  shelter: { danger: m.her_danger_shelter, warning: m.her_warning_shelter, watch: m.her_watch_shelter },
  other: { danger: m.her_danger_other, warning: m.her_warning_other, watch: m.her_watch_other },
};

const SENTENCES: Record<Face, () => string> = {
  danger: m.her_danger,
  warning: m.her_warning,
  watch: m.her_watch,
  clear: m.her_clear,
  stale: m.her_stale,
  blind: m.her_blind,
  handset: m.her_handset,
  lost: m.her_lost,
  untagged: m.her_untagged,
  left: m.her_left,
  none: m.her_none,
  connecting: m.her_connecting,
};

const ADVICE: Record<Face, (input: { number: string }) => string> = {
  danger: m.her_do_danger,
  warning: m.her_do_warning,
  watch: m.her_do_watch,
  clear: m.her_do_clear,
  stale: m.her_do_stale,
  blind: m.her_do_blind,
  handset: m.her_do_handset,
  lost: m.her_do_lost,
  untagged: m.her_do_untagged,
  left: m.her_do_left,
  none: m.her_do_none,
  connecting: m.her_do_connecting,
};

const WINDS = [m.wind_n, m.wind_ne, m.wind_e, m.wind_se, m.wind_s, m.wind_sw, m.wind_w, m.wind_nw];
const QUARTERS = { ahead: m.turn_ahead, right: m.turn_right, behind: m.turn_behind, left: m.turn_left };
const MOVEMENTS: Record<Movement, () => string> = {
  approaching: m.her_approaching,
  leaving: m.her_leaving,
  steady: m.her_steady,
  unknown: m.her_movement_unknown,
};

export function sentence(face: Face, pair: PairState | null): string {
  const place = pair?.place;
  if (place != null && (face === 'danger' || face === 'warning' || face === 'watch')) return AT_PLACE[place][face]();
  if (face === 'warning' && pair?.words?.movement === 'approaching') return m.her_warning_coming();
  return SENTENCES[face]();
}

/** "You need not do anything" is not said when he could be here so soon. */
export const SOON_S = 120;

/** What to do now. Where he is at a place of hers, the place is what to keep away from. */
export function advice(face: Face, pair: PairState | null, number: string): string {
  if (pair?.place != null && face === 'danger') return m.her_do_danger_place({ number });
  if (pair?.place != null && face === 'warning') return m.her_do_warning_place({ number });
  // "You need not do anything" never stands beside "could reach you within a minute".
  if (face === 'watch' && pair?.words?.contact_s != null && pair.words.contact_s < SOON_S) {
    return pair.place != null ? m.her_do_warning_place({ number }) : m.her_do_warning({ number });
  }
  return ADVICE[face]({ number });
}

function whole(value: number, digits = 0): string {
  return new Intl.NumberFormat(intlTag(), { maximumFractionDigits: digits }).format(value);
}

/** Rounded outwards, so that the range stays true: the low end down, the high end up. */
export function distance(words: Words): string {
  const step = words.high_m < 200 ? 10 : words.high_m < 2000 ? 50 : 500;
  const low = Math.floor(words.low_m / step) * step;
  const high = Math.ceil(words.high_m / step) * step;
  if (high < 1000) return low === 0 ? m.within_m({ high: whole(high) }) : m.between_m({ low: whole(low), high: whole(high) });
  if (low === 0) return m.within_km({ high: whole(high / 1000, 2) });
  return m.between_km({ low: whole(low / 1000, 2), high: whole(high / 1000, 2) });
}

export function direction(bearingDeg: number, fromPlace: boolean): string {
  const where = { wind: windOf(bearingDeg) };
  return fromPlace ? m.direction_place(where) : m.direction(where);
}

/** The word for a wind. */
export const windOf = (bearingDeg: number): string => WINDS[wind(bearingDeg)]!();

export function turned(bearingDeg: number, headingDeg: number): string {
  return QUARTERS[quarter(bearingDeg, headingDeg)]();
}

export function movement(value: Movement): string {
  return MOVEMENTS[value]();
}

const CONTACT = { now: m.contact_now, minutes: m.contact_minutes, hours: m.contact_hours };
const CONTACT_PLACE = { now: m.contact_now_place, minutes: m.contact_minutes_place, hours: m.contact_hours_place };

/** A lower bound: rounded down, so that it never promises more time than there is. */
export function contact(seconds: number, toPlace: boolean): string {
  const said = toPlace ? CONTACT_PLACE : CONTACT;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return said.now();
  return minutes > 90 ? said.hours({ hours: whole(Math.floor(minutes / 60)) }) : said.minutes({ minutes: whole(minutes) });
}

/** A length of time in her language, with its unit. */
export function duration(seconds: number): string {
  const unit = seconds < 90 ? 'second' : seconds < 5400 ? 'minute' : 'hour';
  const value = Math.round(seconds / { second: 1, minute: 60, hour: 3600 }[unit]);
  return new Intl.NumberFormat(intlTag(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

export function age(seconds: number): string {
  if (seconds < 90) return m.age_seconds({ seconds: whole(Math.max(0, Math.round(seconds))) });
  if (seconds < 5400) return m.age_minutes({ minutes: whole(Math.round(seconds / 60)) });
  return m.age_hours({ hours: whole(Math.round(seconds / 3600)) });
}

export function time(ms: number): string {
  return new Intl.DateTimeFormat(intlTag(), { hour: '2-digit', minute: '2-digit' }).format(ms);
}
