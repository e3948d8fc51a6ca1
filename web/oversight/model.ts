/** What the oversight server says; the wire contract is in docs/architecture.md. No position is anywhere in it. */

import { tell } from '../lib/asking';

export interface Me {
  name: string;
  settles: boolean;
  records: boolean;
  demo: boolean;
  locked: boolean;
  lock_after_s: number;
}

export interface Named {
  id: string;
  label: string | null;
}

export interface Lookup {
  entry: number;
  at_ms: number;
  act: string;
  what: string;
  purpose: string;
  audience: string;
  client: string;
  network: string;
  who: string | null;
  whose: Named[];
  order: string | null;
  recipient: string | null;
  reason: string | null;
}

export interface Lookups {
  rows: Lookup[];
  before: number | null;
}

export interface Question {
  person: string | null;
  officer: string | null;
  purpose: string | null;
  before: number | null;
}

export interface Count {
  name: string;
  count: number;
}

export interface Head {
  size: number;
  root: string;
  note: string;
  key: string;
}

export interface Report {
  month: string;
  from_ms: number;
  until_ms: number;
  first: number | null;
  last: number | null;
  entries: number;
  purposes: Count[];
  audiences: Count[];
  acts: Count[];
  officers: Count[];
  reviews_opened: Count[];
  reviews_decided: Count[];
  reviews_late: number;
  copies_made: number;
  copies_permitted: number;
  copies_unpermitted: number;
  head: Head | null;
}

export type Outcome = 'justified' | 'mistake' | 'misuse';

export interface Review {
  review_id: string;
  kind: string;
  viewer: string;
  subject: string;
  opened_ms: number;
  due_ms: number;
  times: number;
  owner: string | null;
  status: 'open' | 'decided';
  outcome: Outcome | null;
  reason: string | null;
  decided_ms: number | null;
}

export interface Copy {
  copy_id: string;
  order_id: string;
  person_id: string;
  officer: string;
  reason: string;
  from_ms: number;
  to_ms: number;
  made_ms: number;
  due_ms: number;
  status: 'asked' | 'waiting' | 'permitted' | 'erased' | 'lapsed';
  decision: { court: string; number: string; decided_ms: number; until_ms: number; by: string; document: string } | null;
  unpermitted: boolean;
}

export interface Keep {
  order: string;
  policy: string;
  ended_ms: number | null;
  outcome: string | null;
  due: Record<string, number | null>;
}

export interface Retention {
  keeps: Keep[];
  holds: { hold: string; order: string; authority: string; reason: string; by: string; until_ms: number }[];
  erasures: { order: string; data: string; begun_ms: number; due_ms: number; done: number }[];
  overdue: number;
}



/** Hand a text to whoever asked, as a file, without keeping it. */
export async function download(path: string, body: object, name: string): Promise<void> {
  const text = await (await tell(path, body)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(text);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

/** The month that a moment lies in, as the server names it (UTC, as the ledger's times). */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** The day at whose end a permission ends, or at whose beginning a decision lies: `2026-11-28`, UTC. */
export function dayMs(day: string, end: boolean): number | null {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(ms)) return null;
  return end ? ms + 86_400_000 : ms;
}

export type Stage = 'decided' | 'late' | 'open';

export function stageOf(review: Review, nowMs: number): Stage {
  if (review.status === 'decided') return 'decided';
  return review.due_ms <= nowMs ? 'late' : 'open';
}
