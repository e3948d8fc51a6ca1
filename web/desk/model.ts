/** What the desk's server says; the wire contract is in docs/architecture.md. */

export type Tier = 'clear' | 'watch' | 'warning' | 'danger';
export type Sight = 'live' | 'stale' | 'blind';
export type Movement = 'approaching' | 'leaving' | 'steady' | 'unknown';
export type Approach = 'monitored' | 'protected' | 'both' | 'cannot_tell' | 'none';

export interface Reason {
  cause: string;
  rule: string;
  value: number;
  limit: number;
  side: 'monitored' | 'protected' | null;
}

export interface Health {
  heard_s: number | null;
  fix_age_s: number | null;
  battery_pct: number | null;
  error_m: number | null;
}

/** Her call for help, while it stands. Silent: whoever rings her may give her away. */
export interface Calling {
  since_ms: number;
  silent: boolean;
}

export interface Row {
  pair: string;
  label_monitored: string | null;
  label_protected: string | null;
  place: string | null;
  tier: Tier;
  seen: Sight;
  handset: Sight;
  since_ms: number;
  low_m: number | null;
  high_m: number | null;
  contact_s: number | null;
  movement: Movement;
  approach: Approach;
  /** A surprising report that waits for a second one and would put the two nearer; the tier may rest on it, the position does not. */
  unconfirmed: { side: 'monitored' | 'protected'; low_m: number } | null;
  sos: Calling | null;
  reasons: Reason[];
  tag: Health;
  phone: Health | null;
}

export interface Board {
  at_ms: number;
  late_s: number;
  rows: Row[];
  truncated: number;
  /** Only while the screen is locked: how many pairs stand how, instead of the rows. */
  counts?: Record<string, number>;
}

export interface Moment {
  pair: string;
  at_ms: number;
  tier_before: Tier;
  tier: Tier;
  seen_before: Sight;
  seen: Sight;
  handset_before: Sight;
  handset: Sight;
  low_m: number | null;
  high_m: number | null;
  contact_s: number | null;
  movement: Movement;
  approach: Approach;
  reasons: Reason[];
  rules: string;
  order: string;
}

/** The state a row is shown as: an SOS outranks all, blindness never hides behind a calm tier. */
export type Face = 'sos' | 'danger' | 'warning' | 'watch' | 'blind' | 'clear';

export function faceOf(row: Pick<Row, 'sos' | 'tier' | 'seen' | 'handset'>): Face {
  if (row.sos !== null) return 'sos';
  if (row.tier === 'danger' || row.tier === 'warning') return row.tier;
  if (row.seen === 'blind' || row.handset === 'blind') return 'blind';
  return row.tier;
}

/** One row for each call for help: somebody with a home and a tag on him has two pairs and calls once. */
export function callers(rows: readonly Row[]): Row[] {
  const calling = rows.filter((row) => row.sos !== null);
  const key = (row: Row): string => `${row.label_protected ?? row.pair} ${row.sos?.since_ms}`;
  const found = new Map<string, Row>();
  for (const row of calling) if (row.place === null || !found.has(key(row))) found.set(key(row), row);
  return [...found.values()];
}

/** Keep rows in the order in which they stand on the screen: values change, places do not; newcomers go below. */
export function holdOrder(shown: readonly Row[], now: readonly Row[]): Row[] {
  const byPair = new Map(now.map((row) => [row.pair, row]));
  const kept = shown.flatMap((row) => byPair.get(row.pair) ?? []);
  const known = new Set(kept.map((row) => row.pair));
  return [...kept, ...now.filter((row) => !known.has(row.pair))];
}

/** Whether the order on the screen is not the order of urgency. */
export function outOfOrder(shown: readonly Row[], now: readonly Row[]): boolean {
  return shown.length !== now.length || shown.some((row, place) => row.pair !== now[place]?.pair);
}

export function matches(row: Row, words: string): boolean {
  const text = `${row.label_monitored ?? ''} ${row.label_protected ?? ''} ${row.place ?? ''}`.toLocaleLowerCase();
  return words.toLocaleLowerCase().split(/\s+/).every((word) => text.includes(word));
}
