/** The court's words for what its server says. A word that this page does not know is shown as the server spells it. */
import { m } from '../lib/paraglide/messages.js';
import { getLocale } from '../lib/paraglide/runtime.js';
import { Refused } from '../lib/asking';
import { intlTag } from '../lib/tongues';
import { isLate, type Due, type Line, type OrderMeasure, type RefusalKind, type Texts } from './model';
import { lastDay, spanOf } from './times';

type Words = Record<string, () => string>;

/** A text of the form in the page's language, in English, or in any that there is. */
export const said = (texts: Texts, fallback = ''): string => texts[getLocale()] ?? texts['en'] ?? Object.values(texts)[0] ?? fallback;

const STATUSES: Words = {
  draft: m.co_status_draft,
  filed: m.co_status_filed,
  received: m.co_status_received,
  interim: m.co_status_interim,
  granted: m.co_status_granted,
  granted_in_part: m.co_status_granted_in_part,
  refused: m.co_status_refused,
  withdrawn: m.co_status_withdrawn,
};

const ACTS: Words = {
  file: m.co_act_file,
  receive: m.co_act_receive,
  return: m.co_act_return,
  hear: m.co_act_hear,
  grant_interim: m.co_act_grant_interim,
  refuse_interim: m.co_act_refuse_interim,
  grant: m.co_act_grant,
  grant_in_part: m.co_act_grant_in_part,
  refuse: m.co_act_refuse,
  withdraw: m.co_act_withdraw,
  change: m.co_act_change,
  propose: m.co_act_propose,
  decline: m.co_act_decline,
  tell: m.co_act_tell,
  appeal: m.co_act_appeal,
  affirm: m.co_act_affirm,
  reverse: m.co_act_reverse,
};

const CLOCKS: Words = { interim: m.co_clock_interim, decision: m.co_clock_decision, tell: m.co_clock_tell, appeal: m.co_clock_appeal, extension: m.co_clock_extension };
const KINDS: Words = { no_approach: m.co_kind_no_approach, no_contact: m.co_kind_no_contact, exclusion: m.co_kind_exclusion, monitoring: m.co_kind_monitoring };
const ORDERS: Words = {
  drafted: m.co_order_drafted,
  in_force: m.co_order_in_force,
  suspended: m.co_order_suspended,
  extended: m.co_order_extended,
  expired: m.co_order_expired,
  revoked: m.co_order_revoked,
};
const CHANGES: Words = { extend: m.co_extend, add_measure: m.co_add, end_measure: m.co_end_measure, revoke: m.co_revoke };
const PARTIES: Words = {
  petitioner: m.co_party_petitioner,
  lawyer: m.co_party_lawyer,
  respondent: m.co_party_respondent,
  prosecutor: m.co_party_prosecutor,
  police: m.co_party_police,
  tag_office: m.co_party_tag_office,
};
const MODES: Words = {
  'on foot': m.co_mode_foot,
  bicycle: m.co_mode_bicycle,
  'car in town, 30 km/h': m.co_mode_car_30,
  'car in town, 50 km/h': m.co_mode_car_50,
  'fast road, 80 km/h': m.co_mode_car_80,
};

const named = (words: Words, name: string): string => words[name]?.() ?? name;

export const status = (name: string): string => named(STATUSES, name);
export const act = (name: string): string => named(ACTS, name);
export const clock = (name: string): string => named(CLOCKS, name);
export const kind = (name: string): string => named(KINDS, name);
export const orderStatus = (name: string): string => named(ORDERS, name);
/** What becomes of an order; or, of what was proposed, the act. */
export const change = (name: string): string => named({ ...ACTS, ...CHANGES }, name);
export const party = (name: string): string => named(PARTIES, name);
export const mode = (name: string): string => named(MODES, name);

/** A moment on the court's clock. */
export function when(ms: number, zone: string): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'medium', timeStyle: 'short', timeZone: zone, hourCycle: 'h23' }).format(ms);
}

/** A day as the calendar names it: `2027-05-03`. */
export function day(text: string): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(`${text}T00:00:00Z`));
}

export function metres(distance: number): string {
  return m.co_metres({ metres: new Intl.NumberFormat(intlTag()).format(Math.round(distance)) });
}

export function span(ms: number): string {
  const { days, hours, minutes } = spanOf(ms);
  if (days > 0) return m.co_span_days({ days, hours });
  return hours > 0 ? m.co_span_hours({ hours, minutes }) : m.co_span_minutes({ minutes });
}

/** What a clock says in words: how long is left, or since when it has run out. */
export function due(one: Due, zone: string, nowMs: number): string {
  const at = when(one.at_ms, zone);
  const name = clock(one.clock);
  if (one.at_ms > nowMs) return m.co_due_left({ clock: name, left: span(one.at_ms - nowMs), at });
  return isLate(one, nowMs) ? m.co_due_late({ clock: name, over: span(nowMs - one.at_ms), at }) : m.co_due_past({ clock: name, at });
}

/** Until when a measure holds. */
export function until(untilMs: number | null, zone: string): string {
  return untilMs === null ? m.co_until_ended() : m.co_until_day({ day: day(lastDay(untilMs, zone)) });
}

/** One measure in one line: what, how far, until when. */
export function measure(one: { kind: string; distance_m: number | null; until_ms: number | null; say?: Texts } | OrderMeasure, zone: string): string {
  const what = 'say' in one && one.say !== undefined ? said(one.say, kind(one.kind)) : kind(one.kind);
  // The form's own words say how far.
  const far = one.distance_m === null || ('say' in one && one.say !== undefined) ? '' : ` (${metres(one.distance_m)})`;
  return `${what}${far}: ${until(one.until_ms, zone)}`;
}

export function titleOf(line: Line): string {
  return said(line.title, line.form_id);
}

/** The server's sentence, or ours where it had none. */
export const why = (error: unknown): string => (error instanceof Refused && error.message !== '' ? error.message : m.co_failed());

export function bytes(size: number): string {
  const number = new Intl.NumberFormat(intlTag(), { maximumFractionDigits: 1 });
  return size < 1_000_000 ? m.co_kilobytes({ size: number.format(size / 1_000) }) : m.co_megabytes({ size: number.format(size / 1_000_000) });
}

/** The kind of reason of a refusal. */
export function refusal(kind: RefusalKind): string {
  return {
    no_danger_shown: m.co_why_no_danger_shown,
    not_competent: m.co_why_not_competent,
    too_late: m.co_why_too_late,
    formal: m.co_why_formal,
    other_measure: m.co_why_other_measure,
    other: m.co_why_other,
  }[kind]();
}
