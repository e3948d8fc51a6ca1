/** A past incident, moment by moment; the wire contract is in docs/architecture.md. */
import type { MapView } from '../lib/scene';
import type { Row, Tier } from './model';

export interface Replay {
  times: number[];
  /** Whether the core says today what it said then. */
  same: boolean;
}

export interface Moment {
  at_ms: number;
  viewer: string;
  row: Row;
  map: MapView | null;
  closed: string | null;
  /** What her own screen could show then. */
  hers: { tier: Tier; words: boolean; map: boolean };
}

const path = (incident: string): string => `/api/incidents/${encodeURIComponent(incident)}/replay`;

async function answer<T>(asking: Promise<Response>): Promise<T | string> {
  try {
    const found = await asking;
    return found.ok ? ((await found.json()) as T) : (((await found.json()) as { message?: string }).message ?? '');
  } catch {
    return '';
  }
}

/** Open a replay; the server's sentence where it refuses, an empty one without a line. */
export function openReplay(incident: string): Promise<Replay | string> {
  return answer<Replay>(fetch(path(incident), { method: 'POST' }));
}

export function lookReplay(incident: string, atMs: number): Promise<Moment | string> {
  return answer<Moment>(fetch(`${path(incident)}?at=${atMs}`, { cache: 'no-store' }));
}

export async function closeReplay(incident: string): Promise<void> {
  await fetch(path(incident), { method: 'DELETE', keepalive: true }).catch(() => undefined);
}
