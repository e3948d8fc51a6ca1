/**
 * A call for help: it is sent until the server says that it is durable there, over reloads too. What stays on the phone
 * meanwhile is an id and a time, never a position.
 */
import type { PhoneFix } from './reporter.svelte';

const KEY = 'sos';
const RETRY_MS = 2_000;

interface Call {
  id: string;
  at_ms: number;
  silent: boolean;
  received_at_ms: number | null;
  cancel: boolean;
}

export class SosCall {
  call = $state<Call | null>(read());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;

  constructor(private readonly fix: () => PhoneFix | null) {
    if (this.call !== null && this.outstanding) void this.send();
  }

  raise(silent: boolean): void {
    this.keep({ id: crypto.randomUUID(), at_ms: Date.now(), silent, received_at_ms: null, cancel: false });
    void this.send();
  }

  /** Take it back: nothing was sent yet, or the server is told. */
  cancel(): void {
    if (this.call === null) return;
    this.keep({ ...this.call, cancel: true });
    void this.send();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private get outstanding(): boolean {
    return this.call !== null && (this.call.received_at_ms === null || this.call.cancel);
  }

  private keep(call: Call | null): void {
    this.call = call;
    if (call === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(call));
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending) return;
    this.sending = true;
    try {
      if (this.call !== null && this.call.received_at_ms === null) await this.sendCall(this.call);
      else if (this.call?.cancel === true) await this.sendCancel(this.call);
    } catch {
      // No line: it is tried again below until it is through.
    }
    this.sending = false;
    if (this.outstanding) this.timer = setTimeout(() => void this.send(), RETRY_MS);
  }

  private async sendCall(call: Call): Promise<void> {
    const answer = await post('/api/sos', { id: call.id, silent: call.silent, fix: this.fix() });
    if (!answer.ok || this.call?.id !== call.id) return;
    const { received_at_ms } = (await answer.json()) as { received_at_ms: number };
    this.keep({ ...this.call, received_at_ms });
  }

  private async sendCancel(call: Call): Promise<void> {
    const answer = await post('/api/sos/cancel', { id: call.id });
    if (answer.ok) this.keep(null);
  }
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
}

function read(): Call | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Call | null;
  } catch {
    return null;
  }
}
