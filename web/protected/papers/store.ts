/** The server's side of her papers: it keeps sealed bytes by name and gives them back as they came. */
import { call } from '../lock.svelte';
import type { Bytes } from './seal';

export type Kind = 'key' | 'petition' | 'plan' | 'entry' | 'file' | 'comment';

export interface Paper {
  name: string;
  kind: Kind;
  version: number;
  at_ms: number;
  size: number;
  entry: number | null;
}

/** An answer that was no success. `code` is the server's word for it, `said` its sentence; without a line there is neither. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly said: string | null,
  ) {
    super(code);
  }
}

export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const answer = await call(path, options);
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))) as { error?: string; message?: string };
  throw new Refused(answer.status, told.error ?? 'unknown', told.message ?? null);
}

export function send(path: string, body: unknown): Promise<Response> {
  return ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

export async function listed(): Promise<Paper[]> {
  return (await (await ask('/api/papers')).json()) as Paper[];
}

export async function read(name: string): Promise<Bytes> {
  return new Uint8Array(await (await send('/api/papers/read', { name })).arrayBuffer());
}

export interface Written {
  version: number;
  at_ms: number;
  entry: number | null;
}

export async function write(label: { name: string; kind: Kind; version: number; seal?: string }, body: Bytes): Promise<Written> {
  const headers = { 'Content-Type': 'application/octet-stream', 'jikimi-paper': JSON.stringify(label) };
  return (await (await ask('/api/papers/write', { method: 'POST', headers, body })).json()) as Written;
}

export async function drop(name: string): Promise<void> {
  await send('/api/papers/drop', { name });
}
