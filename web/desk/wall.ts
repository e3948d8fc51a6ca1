/** The wall of a control room, as its server says it; the wire contract is in docs/architecture.md. */
import type { Kind, Level, Status } from './incidents';

export interface WallRow {
  level: Level;
  kinds: Kind[];
  status: Status;
  opened_ms: number;
  owner: string | null;
  rung: number;
  rung_due_ms: number | null;
  contact_due_ms: number | null;
  /** Responders who did not confirm yet. */
  waiting: number;
  members: number | null;
  others: number;
  drill: boolean;
  label_monitored: string | null;
  label_protected: string | null;
}

export interface WallData {
  at_ms: number;
  late_s: number;
  total: number;
  failed: number;
  counts: Record<Level, number>;
  unowned: number;
  duties: Record<string, number>;
  rows: WallRow[];
}

/** After so long without a word, what hangs there is the past, and the wall says so. */
export const STALE_MS = 8_000;

export async function askWall(): Promise<WallData | 'signed_out'> {
  const answer = await fetch('/api/wall', { cache: 'no-store' });
  if (answer.status === 401 || answer.status === 403) return 'signed_out';
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as WallData;
}

/** Whether nobody may believe what is shown: nothing came for long, or the server itself is behind. */
export function isStale(page: WallData | null, heardAt: number, now: number): boolean {
  return page === null || now - heardAt > STALE_MS || page.late_s > 0;
}
