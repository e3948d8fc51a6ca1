/** What the court's server says; the wire contract is in docs/architecture.md. No position is anywhere in it. */

import { tell } from '../lib/asking';

export type Texts = Record<string, string>;

export interface Seat {
  court: string;
  name: Texts;
}

export interface Me {
  name: string;
  courts: Seat[];
  keeps: boolean;
  decides: boolean;
  demo: boolean;
  locked: boolean;
  lock_after_s: number;
}

export type Status = 'draft' | 'filed' | 'received' | 'interim' | 'granted' | 'granted_in_part' | 'refused' | 'withdrawn';
export type Act =
  | 'file' | 'receive' | 'return' | 'hear' | 'grant_interim' | 'refuse_interim' | 'grant' | 'grant_in_part' | 'refuse'
  | 'withdraw' | 'change' | 'propose' | 'decline' | 'tell' | 'appeal' | 'affirm' | 'reverse';
export type Clock = 'interim' | 'decision' | 'tell' | 'appeal' | 'extension';

export interface Due {
  clock: Clock;
  at_ms: number;
}

export interface OrderMeasure {
  measure_id: string;
  kind: string;
  distance_m: number | null;
  until_ms: number | null;
  extended: number;
  extend_until_ms: number | null;
}

/** What a second account must confirm: `ends`, the measures that end or get weaker. */
export interface Waiting {
  request: number;
  act: string;
  order_id: string;
  ends: OrderMeasure[];
  asked_by: string;
  asked_ms: number;
  until_ms: number;
}

export interface Line {
  court: string;
  number: string;
  form_id: string;
  edition: string;
  title: Texts;
  time_zone: string;
  status: Status;
  can: Act[];
  received_ms: number;
  decided_ms: number | null;
  told_ms: number | null;
  wants_interim: boolean;
  hearing_ms: number | null;
  dues: Due[];
  order_ids: string[];
  waiting: Waiting | null;
}

export interface Inbox {
  court: string;
  locked: string | null;
  lines: Line[];
}

export interface Answered {
  question_id: string;
  heading: string;
  lines: string[];
  sealed: boolean;
}

export interface Exhibit {
  name: string;
  about: string;
  media_type: string;
  size: number;
  sha256: string;
  made_ms: number | null;
}

export interface Within {
  check_id: string;
  days: number;
  from_day: string;
  last_day: string;
  filed_on: string;
  kept: boolean;
  source: string;
}

export interface Criterion {
  criterion_id: string;
  say: Texts;
  questions: string[];
  source: string;
}

export interface Warned {
  mode: string;
  speed_mps: number;
  warned_s: number;
  enough: boolean | null;
}

export interface Ring {
  tier: string;
  metres: number;
  warned: Warned[];
  passes: { a_day: number; days: number } | null;
}

export interface Worth {
  distance_m: number;
  advice: { rings: Ring[]; police_s: number | null };
}

export interface ActLine {
  at_ms: number;
  act: Act;
  by: string;
  detail: string | null;
  what: string | null;
  second: string | null;
}

export interface Ordered {
  kind: string;
  say: Texts;
  distance_m: number | null;
  until_ms: number | null;
  longest_ms: number | null;
}

/** The kinds of reasons of a refusal, for the public figures. */
export const REFUSAL_KINDS = ['no_danger_shown', 'not_competent', 'too_late', 'formal', 'other_measure', 'other'] as const;
export type RefusalKind = (typeof REFUSAL_KINDS)[number];

export interface Decision {
  act: Act;
  title: string;
  text: string;
  measures: Ordered[];
  reasons: string;
  why: RefusalKind | null;
}

export interface Decided {
  at_ms: number;
  by: string;
  decision: Decision;
  order_id: string | null;
  second: string | null;
}

export interface Preview {
  decision: Decision;
  order: Texts | null;
  ends: string | null;
  tagged: boolean | null;
  told: string[];
  loses: OrderMeasure[];
}

export interface OrderLine {
  order_id: string;
  status: string;
  runs: boolean;
  tagged: boolean;
  measures: OrderMeasure[];
  extension_ms: number | null;
  may_add: Ordered[];
}

export interface Case {
  line: Line;
  language: string;
  sections: { section_id: string; heading: string; rows: Answered[] }[];
  exhibits: Exhibit[];
  in_time: Within[];
  criteria: Criterion[];
  worth: Worth[];
  acts: ActLine[];
  decisions: Decided[];
  orders: OrderLine[];
  proposed: { detail: string | null; decision: Decision | null } | null;
}

export interface Practice {
  form_id: string;
  since_ms: number | null;
  least: number;
  rows: { what: string; here: number | null; others: number | null }[];
}

export async function post<T>(path: string, body: object): Promise<T> {
  return (await (await tell(path, body)).json()) as T;
}

/** Hand a file to whoever asked, without keeping it. */
export async function download(path: string, body: object, name: string): Promise<void> {
  const file = await (await tell(path, body)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

export const DECISIONS: readonly Act[] = ['grant_interim', 'grant', 'grant_in_part', 'refuse'];
/** What ends an order that holds. */
export const ENDING: readonly Act[] = ['withdraw', 'reverse'];
export const CLERKS: readonly Act[] = ['hear', 'return', 'tell', 'withdraw', 'appeal'];
const OPEN: readonly Status[] = ['filed', 'received', 'interim'];

/** Whether it still waits for a decision. */
export const isOpen = (line: Line): boolean => OPEN.includes(line.status);

const COURTS: readonly Clock[] = ['interim', 'decision', 'tell'];

/** Whether the court itself is late. An appeal and a request for an extension are a side's time, and make no court late. */
export const isLate = (due: Due, nowMs: number): boolean => COURTS.includes(due.clock) && due.at_ms <= nowMs;

/** Whether an order that came of it holds: what takes from it needs a second account. */
export const holds = (found: Case): boolean => found.orders.some((order) => order.runs);

/** Soonest first; what has no clock comes last, the newest of it first. */
export function inOrder(lines: readonly Line[]): Line[] {
  const soonest = (line: Line): number => Math.min(...line.dues.map((due) => due.at_ms), line.waiting?.until_ms ?? Infinity);
  const gap = (a: Line, b: Line): number => (soonest(a) === soonest(b) ? b.received_ms - a.received_ms : soonest(a) < soonest(b) ? -1 : 1);
  return [...lines].sort(gap);
}
