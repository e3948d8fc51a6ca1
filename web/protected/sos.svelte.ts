/**
 * A call for help: armed, taken back or sent, and tried until the server says that it is durable there, over reloads too.
 * What stays on the phone meanwhile is an id and times, never a position.
 */
import { newId } from '../lib/id';
import { keep, kept } from './memory';
import type { PhoneFix } from './reporter.svelte';

const KEY = 'sos';
const RETRY_MS = 2_000;
/** How often it is asked whether somebody at the desk has it. */
const ASK_MS = 4_000;
const WAIT_MS = 10_000;
/** How long it can be taken back before it goes out. */
export const CANCEL_MS = 5_000;

export interface Call {
  id: string;
  due_ms: number;
  silent: boolean;
  received_at_ms: number | null;
  /** When a person at the desk took it; null until then. */
  seen_at_ms: number | null;
  cancel: boolean;
}

export class SosCall {
  call = $state.raw<Call | null>(read());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Promise<void> | null = null;

  constructor(private readonly fix: () => PhoneFix | null) {
    this.resume();
  }

  /** Held long enough: it goes out by itself unless it is taken back, though the page be closed and opened again. */
  arm(silent: boolean): void {
    if (this.call !== null) return;
    this.remember({ id: newId(), due_ms: Date.now() + CANCEL_MS, silent, received_at_ms: null, seen_at_ms: null, cancel: false });
    this.resume();
  }

  sendNow(): void {
    if (this.call === null) return;
    this.remember({ ...this.call, due_ms: Date.now() });
    void this.send();
  }

  /** Take it back: before it went out nothing was sent, afterwards the server is told. */
  cancel(): void {
    if (this.call === null) return;
    if (Date.now() < this.call.due_ms) {
      clearTimeout(this.timer);
      this.remember(null);
      return;
    }
    this.remember({ ...this.call, cancel: true });
    void this.send();
  }

  /** Send what is on its way at once; resolves when one attempt is over. Returns whether nothing is left to send. */
  async flush(): Promise<boolean> {
    if (this.outstanding) await this.send();
    return !this.outstanding;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Whether it stands there and no person has taken it yet: then the server is asked on. */
  private get unseen(): boolean {
    return this.call !== null && this.call.received_at_ms !== null && this.call.seen_at_ms === null && !this.call.cancel;
  }

  private get outstanding(): boolean {
    return this.call !== null && (this.call.received_at_ms === null || this.call.cancel);
  }

  private remember(call: Call | null): void {
    this.call = call;
    keep(KEY, call === null ? null : JSON.stringify(call));
  }

  /** Go on with what is due: the page slept, or a line came back. */
  resume(): void {
    clearTimeout(this.timer);
    if (this.unseen) this.timer = setTimeout(() => void this.send(), ASK_MS);
    if (this.call === null || !this.outstanding) return;
    // A clock that was set back must not hold a call up.
    const waitMs = Math.min(this.call.due_ms - Date.now(), CANCEL_MS);
    this.timer = setTimeout(() => void this.send(), Math.max(waitMs, 0));
  }

  private send(): Promise<void> {
    this.sending ??= this.attempt().finally(() => (this.sending = null));
    return this.sending;
  }

  private async attempt(): Promise<void> {
    clearTimeout(this.timer);
    try {
      if (this.call !== null && (this.call.received_at_ms === null || this.unseen)) await this.sendCall(this.call);
      if (this.call?.cancel === true && this.call.received_at_ms !== null) await this.sendCancel(this.call);
    } catch {
      // No line: it is tried again below until it is through.
    }
    if (this.outstanding) this.timer = setTimeout(() => void this.send(), RETRY_MS);
    else if (this.unseen) this.timer = setTimeout(() => void this.send(), ASK_MS);
  }

  private async sendCall(call: Call): Promise<void> {
    const answer = await post('/api/sos', { id: call.id, silent: call.silent, fix: call.received_at_ms === null ? this.fix() : null });
    if (!answer.ok || this.call?.id !== call.id) return;
    const { received_at_ms, seen_at_ms = null } = (await answer.json()) as { received_at_ms: number; seen_at_ms?: number };
    this.remember({ ...this.call, received_at_ms, seen_at_ms });
  }

  private async sendCancel(call: Call): Promise<void> {
    const answer = await post('/api/sos/cancel', { id: call.id });
    if (answer.ok && this.call?.id === call.id) this.remember(null);
  }
}

/** `keepalive`: it goes on though the page is closed. */
function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), keepalive: true, signal: AbortSignal.timeout(WAIT_MS) });
}

function read(): Call | null {
  try {
    const call = JSON.parse(kept(KEY) ?? 'null') as Call | null;
    return typeof call?.id === 'string' && typeof call.due_ms === 'number' ? { ...call, seen_at_ms: call.seen_at_ms ?? null } : null;
  } catch {
    return null;
  }
}
