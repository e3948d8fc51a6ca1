/** Copies of positions of a past time, for investigations; the wire contract is in docs/architecture.md. */

export interface Decision {
  court: string;
  number: string;
  decided_ms: number;
  until_ms: number;
  by: string;
}

export interface Copy {
  copy_id: string;
  order_id: string;
  person_id: string;
  reason: string;
  from_ms: number;
  to_ms: number;
  made_ms: number;
  due_ms: number;
  status: 'asked' | 'waiting' | 'permitted' | 'erased' | 'lapsed';
  decision: Decision | null;
  unpermitted: boolean;
}

export interface Named {
  person: string;
  name: string;
  monitored: boolean;
}

export interface Point {
  at_ms: number;
  latitude: number;
  longitude: number;
  error_m: number | null;
  source: string;
  verdict: string;
}

/** A moment as ISO 8601 says it; null where it is none. Engines read more than that, each what it likes. */
function momentMs(text: string): number | null {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** A time as the form has it, with or without its seconds, in UTC; null where it is none. */
export const timeMs = (text: string): number | null => momentMs(text.length > 16 ? `${text}Z` : `${text}:00Z`);

export const pointsOf = (lines: string): Point[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Point);

export const stampOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
