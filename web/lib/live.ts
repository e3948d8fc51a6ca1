/**
 * A live line to the server: server-sent events (WHATWG HTML, section 9.2) read by `fetch`, so that an ended session is told
 * apart from a broken line, and the last event's number goes with each new attempt.
 *
 * A line on which nothing was heard for `SILENCE_MS` is broken, whatever the socket says. The server sends a beat every 3 s.
 */

import { Lateness, moment, sinceMs } from './clock';

export const SILENCE_MS = 8_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;
const SPREAD = 0.3;
const LOOK_MS = 1_000;
/** Events that are sent as they are made; a transition may be told long after it happened. */
const TIMELY: readonly string[] = ['beat', 'state', 'board'];

const LAST: Record<string, Line> = { session_ended: 'signed_out', phone_replaced: 'signed_out', no_seat: 'no_seat' };

export type Line = 'connecting' | 'live' | 'lost' | 'signed_out' | 'no_seat' | 'ended';

export interface Listener {
  /** An event other than `beat`; `data` is its parsed JSON, `lateMs` how much later it came than others on this line. */
  event(name: string, data: unknown, lateMs: number): void;
  /** The line's state changed. */
  line(line: Line): void;
}

export interface Feed {
  /** Look at once whether the line still lives: the page was hidden, frozen or asleep. */
  wake(): void;
  /** Begin a new line at once: this one says that it lives, but brings nothing that is true now. */
  again(): void;
  /** Begin a new line in place of this one, which is good: who asks has something else to say of itself. */
  renew(): void;
  stop(): void;
}

export interface Parsed {
  name: string;
  data: string;
  id: string | null;
}

/** Splits a stream's text into events; keeps what is not complete. */
export class Splitter {
  private rest = '';

  push(text: string): Parsed[] {
    this.rest += text.replaceAll('\r\n', '\n');
    const blocks = this.rest.split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.map(parse).filter((event) => event !== null);
  }
}

function parse(block: string): Parsed | null {
  let name = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
  return data.length > 0 ? { name, data: data.join('\n'), id } : null;
}

/** Opens the line and keeps it open until `stop` or the server's last word. */
export function follow(url: string, listener: Listener, own: () => Record<string, string> = () => ({})): Feed {
  let line: Line = 'connecting';
  let lastId: string | null = null;
  let heardAt = moment();
  let lateness = new Lateness();
  let abort = new AbortController();
  let retryMs = FIRST_RETRY_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const say = (next: Line): void => {
    if (next !== line) {
      line = next;
      listener.line(next);
    }
  };

  const finish = (last: Line): void => {
    stopped = true;
    clearInterval(watch);
    clearTimeout(retry);
    abort.abort();
    say(last);
  };

  const take = (event: Parsed): void => {
    if (stopped) return;
    if (event.id !== null) lastId = event.id;
    const data = JSON.parse(event.data) as { at_ms?: number; reason?: string };
    if (event.name === 'end') return finish(LAST[data.reason ?? ''] ?? 'ended');
    const lateMs = TIMELY.includes(event.name) && data.at_ms !== undefined ? lateness.of(data.at_ms) : 0;
    say('live');
    if (event.name !== 'beat') listener.event(event.name, data, lateMs);
  };

  const retryLater = (): void => {
    if (stopped) return;
    clearTimeout(retry);
    // Not all at the same moment when a server comes back to thousands of pages.
    retry = setTimeout(() => void open(), retryMs * (1 - Math.random() * SPREAD));
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const read = async (body: ReadableStream<Uint8Array>, mine: AbortController): Promise<void> => {
    const splitter = new Splitter();
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || mine !== abort) return;
      heardAt = moment();
      retryMs = FIRST_RETRY_MS;
      splitter.push(value).forEach(take);
    }
  };

  const open = async (): Promise<void> => {
    abort.abort();
    const mine = new AbortController();
    abort = mine;
    heardAt = moment();
    lateness = new Lateness();
    try {
      const headers: Record<string, string> = { ...own(), Accept: 'text/event-stream' };
      if (lastId !== null) headers['Last-Event-ID'] = lastId;
      const answer = await fetch(url, { headers, signal: mine.signal, cache: 'no-store', credentials: 'same-origin' });
      if (answer.status === 401) return finish('signed_out');
      if (answer.ok && answer.body !== null) await read(answer.body, mine);
    } catch {
      // A broken line is an ordinary event here: it is said below, and tried again.
    }
    if (mine !== abort || stopped) return;
    say('lost');
    retryLater();
  };

  const again = (): void => {
    if (stopped) return;
    say('lost');
    clearTimeout(retry);
    void open();
  };

  const renew = (): void => {
    clearTimeout(retry);
    if (!stopped) void open();
  };

  const look = (): void => {
    if (sinceMs(heardAt) > SILENCE_MS) again();
  };

  const watch = setInterval(look, LOOK_MS);
  void open();
  return { wake: look, again, renew, stop: () => finish('ended') };
}
