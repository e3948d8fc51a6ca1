/** The desk's incidents, as its server says them; the wire contract is in docs/architecture.md. */

import type { Moment, Reason } from './model';

export type Kind =
  | 'sos'
  | 'silent_sos'
  | 'approach'
  | 'strap'
  | 'removal'
  | 'jamming'
  | 'false_data'
  | 'no_show'
  | 'silence'
  | 'mass_silence'
  | 'battery'
  | 'phone_battery'
  | 'handset'
  | 'order';
export type Status = 'open' | 'acknowledged' | 'tasks_running' | 'contact_made' | 'resolved';
export type TaskStatus = 'waiting' | 'received' | 'sent' | 'arrived' | 'done';
export type Outcome = 'helped' | 'arrested' | 'warned' | 'no_breach' | 'technical' | 'settled';
export type Where = 'monitored' | 'protected';
export type Level = 'clear' | 'watch' | 'warning' | 'danger';

export interface Task {
  where: Where;
  responder: string;
  status: TaskStatus;
  changed_ms: number;
}

export interface Incident {
  incident: string;
  pair: string;
  label_monitored: string | null;
  label_protected: string | null;
  kinds: Kind[];
  standing: Kind[];
  status: Status;
  outcome: Outcome | null;
  level: Level;
  contact_s: number | null;
  low_m: number | null;
  opened_ms: number;
  owner: string | null;
  mine: boolean;
  rung: number;
  rung_due_ms: number | null;
  contact_due_ms: number | null;
  task_due_ms: number | null;
  tasks: Task[];
  /** How many pairs a mass silence holds, and of how many the silence lasts. */
  members: { total: number; standing: number } | null;
  others: number;
  drill: boolean;
}

export interface Member {
  pair: string;
  label_monitored: string | null;
  label_protected: string | null;
  level: Level;
  tier: Level;
  contact_s: number | null;
  low_m: number | null;
  since_ms: number;
  ended_ms: number | null;
}

export interface Duty {
  operator: string;
  since_ms: number;
  load: number;
  offered_to: string | null;
}

export interface Queue {
  version: string;
  at_ms: number;
  me: string;
  on_duty: boolean;
  rows: Incident[];
  total: number;
  /** So many things could not become incidents, by a fault of the server. */
  failed: number;
  duties: Duty[];
}

export type NoticeState = 'waiting' | 'handed' | 'delivered' | 'shown' | 'seen' | 'expired' | 'replaced' | 'failed';

export interface Try {
  channel: string;
  at_ms: number;
  verdict: 'accepted' | 'refused' | 'unknown' | null;
  why: string | null;
}

export interface Notice {
  /** Whose side the recipient is on, or an agency or an operator by name. */
  to: string;
  title: string;
  text: string;
  state: NoticeState;
  short: boolean;
  made_ms: number;
  tries: Try[];
  receipts: { step: 'delivered' | 'shown' | 'seen'; at_ms: number }[];
}

export interface Script {
  kind: Kind;
  check: string[];
  say: string[];
  him: string[];
  send: string[];
}

export interface Whole {
  row: Incident;
  entries: {
    number: number;
    at_ms: number;
    what: string;
    by: string;
    reason: string | null;
    place: string | null;
    told: { tier: Level; sight: string; low_m: number | null; contact_s: number | null; reasons: Reason[] } | null;
  }[];
  moments: Moment[];
  /** Which of the incident's pairs are places of hers, and of what kind. */
  places: Record<string, string>;
  reports: number[];
  agencies: Record<string, string>;
  notices: Notice[];
  scripts: Script[];
}

/** What the table of the server allows next; it refuses everything else with a sentence. */
export const NEXT: Record<TaskStatus, TaskStatus[]> = {
  waiting: ['received', 'sent'],
  received: ['sent', 'done'],
  sent: ['arrived', 'done'],
  arrived: ['done'],
  done: [],
};

/** Seconds until a clock rings, 0 when it has; null where none runs. */
export function leftS(dueMs: number | null, nowMs: number): number | null {
  return dueMs === null ? null : Math.max(0, Math.ceil((dueMs - nowMs) / 1000));
}

/** Keep the rows that say what they said before, as they are: then nothing of them is drawn anew. */
export function kept(before: Incident[], after: Incident[]): Incident[] {
  const known = new Map(before.map((one) => [one.incident, one]));
  return after.map((one) => {
    const old = known.get(one.incident);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(one) ? old : one;
  });
}

/** Ask for the queue; null while nothing changed since `version`. */
export async function askQueue(version: string): Promise<Queue | null> {
  const answer = await fetch(`/api/incidents?version=${encodeURIComponent(version)}`, { cache: 'no-store' });
  if (answer.status === 204) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Queue;
}

export async function askIncident(name: string, language: string): Promise<Whole | null> {
  const answer = await fetch(`/api/incidents/${encodeURIComponent(name)}?language=${language}`, { cache: 'no-store' });
  return answer.ok ? ((await answer.json()) as Whole) : null;
}

/** Ask for members of a mass silence, from the so many-th on. */
export async function askMembers(name: string, skip: number): Promise<Member[]> {
  const answer = await fetch(`/api/incidents/${encodeURIComponent(name)}/members?skip=${skip}`, { cache: 'no-store' });
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { rows: Member[] }).rows;
}

/** Do something; returns the server's sentence where it refuses, an empty one without a line, null when it was done. */
export async function act(path: string, body: object = {}, method: 'POST' | 'DELETE' = 'POST'): Promise<string | null> {
  try {
    const answer = await fetch(`/api/${path}`, { method, headers: { 'Content-Type': 'application/json' }, ...(method === 'POST' ? { body: JSON.stringify(body) } : {}) });
    return answer.ok ? null : (((await answer.json()) as { message?: string }).message ?? '');
  } catch {
    return '';
  }
}
