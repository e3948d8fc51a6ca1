/**
 * Her app lock on this page. What she proved (a PIN, her phone's passkey) gives a word that lives here, in memory, and nowhere else: a
 * page that is loaded anew, and whoever copied her cookie, has none. It hides the map, her papers and the settings; never an alarm.
 */
import { moment, sinceMs, type Moment } from '../lib/clock';
import { keep, kept } from './memory';

const KEY = 'lock';

export interface LockState {
  pin: boolean;
  passkey: boolean;
  after_s: number;
  is_open: boolean;
  tries_left: number;
  /** Before this time no PIN may be tried. */
  wait_until_ms: number | null;
  /** Whether this address can have passkeys at all. */
  can_bind: boolean;
  /** The policy demands a passkey of hers, and the map waits for it. */
  must_bind: boolean;
}

export interface Opened {
  opening: string;
  is_open: boolean;
}

class Lock {
  /** Null until the server said so, or where it keeps no locks. */
  state = $state.raw<LockState | null>(null);
  /** Until the server answered, what was true when the page was here last. */
  shut = $state(kept(KEY) !== null);
  /** Another number whenever this page has another word to say, or none any more: then its line begins anew. */
  turn = $state(0);
  private word: string | null = null;
  private hidden: Moment | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly closing: (() => void)[] = [];

  constructor() {
    globalThis.document?.addEventListener('visibilitychange', () => this.seen());
  }

  headers(): Record<string, string> {
    return this.word === null ? {} : { 'jikimi-open': this.word };
  }

  /** Whether there is anything to lock by. */
  get isSet(): boolean {
    return this.state?.pin === true || this.state?.passkey === true;
  }

  /** What else must be forgotten when it closes. */
  onClose(forget: () => void): void {
    this.closing.push(forget);
  }

  async look(): Promise<void> {
    const answer = await fetch('/api/lock', { cache: 'no-store', headers: this.headers() }).catch(() => null);
    if (answer?.status === 404) this.shut = false;
    if (answer?.ok !== true) return;
    this.state = (await answer.json()) as LockState;
    keep(KEY, this.isSet ? 'yes' : null);
    if (this.state.is_open) this.shut = false;
    else if (!this.shut) this.close();
  }

  /** Takes the word that the server gave for what was proved. */
  async take(opened: Opened): Promise<void> {
    this.word = opened.opening;
    this.turn += 1;
    await this.look();
  }

  close(): void {
    if (this.word !== null) this.turn += 1;
    this.word = null;
    this.shut = true;
    for (const forget of this.closing) forget();
  }

  private seen(): void {
    clearTimeout(this.timer);
    const { isSet, state } = this;
    if (!isSet || state === null || this.shut) return;
    const afterMs = state.after_s * 1000;
    if (document.visibilityState === 'hidden') {
      this.hidden = moment();
      this.timer = setTimeout(() => this.close(), afterMs);
    } else if (this.hidden !== null && sinceMs(this.hidden) >= afterMs) this.close();
  }
}

export const lock = new Lock();

/** A request with this page's word; a server that says it is locked locks this page, too. */
export async function call(path: string, options: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { cache: 'no-store', ...options, headers: { ...(options.headers as Record<string, string>), ...lock.headers() } });
  if (answer.status === 423) lock.close();
  return answer;
}

/** The same with a JSON body. */
export function post(path: string, body: unknown): Promise<Response> {
  return call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}
