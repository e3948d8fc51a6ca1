import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow, SILENCE_MS, Splitter, type Line } from './live';

describe('splitting a stream', () => {
  it('finds events however the network cuts them', () => {
    const text = 'id: 7\nevent: state\ndata: {"a":1}\n\n: note\n\nevent: beat\ndata: {}\n\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const splitter = new Splitter();
      const events = [...splitter.push(text.slice(0, cut)), ...splitter.push(text.slice(cut))];
      expect(events).toEqual([
        { name: 'state', data: '{"a":1}', id: '7' },
        { name: 'beat', data: '{}', id: null },
      ]);
    }
  });
});

class Server {
  asked: (string | null)[] = [];
  controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  status = 200;

  fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    this.asked.push(new Headers(init.headers).get('Last-Event-ID'));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
        init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
    return new Response(this.status === 200 ? body : null, { status: this.status });
  };

  async say(text: string): Promise<void> {
    this.controller?.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(1);
  }
}

describe('a live line', () => {
  let server: Server;
  let lines: Line[];
  let events: [string, unknown][];
  const listener = { event: (name: string, data: unknown) => void events.push([name, data]), line: (line: Line) => void lines.push(line) };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new Server();
    lines = [];
    events = [];
    vi.stubGlobal('fetch', server.fetch);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('is lost within ten seconds of silence, and goes on where it was', async () => {
    const feed = follow('/api/stream', listener);
    await vi.advanceTimersByTimeAsync(1);
    await server.say('id: 41\nevent: state\ndata: {"n":1}\n\n');
    expect(lines).toEqual(['live']);
    await vi.advanceTimersByTimeAsync(SILENCE_MS + 1_500);
    expect(lines).toEqual(['live', 'lost']);
    expect(server.asked).toEqual([null, '41']);
    await server.say('id: 42\nevent: state\ndata: {"n":2}\n\n');
    expect(lines.at(-1)).toBe('live');
    expect(events.map(([, data]) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    feed.stop();
  });

  it('lives on beats alone', async () => {
    const feed = follow('/api/stream', listener);
    await vi.advanceTimersByTimeAsync(1);
    for (let n = 0; n < 10; n++) {
      await server.say('event: beat\ndata: {}\n\n');
      await vi.advanceTimersByTimeAsync(3_000);
    }
    expect(lines).toEqual(['live']);
    expect(events).toEqual([]);
    feed.stop();
  });

  it('stops when the session is over', async () => {
    server.status = 401;
    follow('/api/stream', listener);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines).toEqual(['signed_out']);
    expect(server.asked.length).toBe(1);
  });

  it('stops at the server’s last word', async () => {
    follow('/api/stream', listener);
    await vi.advanceTimersByTimeAsync(1);
    await server.say('event: end\ndata: {"reason":"order_ended"}\n\nevent: state\ndata: {}\n\n');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines).toEqual(['ended']);
    expect(events).toEqual([]);
    expect(server.asked.length).toBe(1);
  });

  it('tells an ended session from an ended order', async () => {
    follow('/api/stream', listener);
    await vi.advanceTimersByTimeAsync(1);
    await server.say('event: end\ndata: {"reason":"session_ended"}\n\n');
    expect(lines).toEqual(['signed_out']);
  });

  it('says how late an event came, and begins anew when told to', async () => {
    const delays: number[] = [];
    const feed = follow('/api/stream', { ...listener, event: (_name, _data, lateMs) => void delays.push(lateMs) });
    await vi.advanceTimersByTimeAsync(1);
    const sent = Date.now() - 700_000;
    await server.say(`event: beat\ndata: {"at_ms":${sent}}\n\n`);
    await vi.advanceTimersByTimeAsync(5_000);
    await server.say(`event: state\ndata: {"at_ms":${sent + 1_000}}\n\n`);
    expect(delays[0]).toBeGreaterThanOrEqual(4_000);
    feed.again();
    await vi.advanceTimersByTimeAsync(1);
    await server.say(`event: state\ndata: {"at_ms":${sent + 2_000}}\n\n`);
    expect(delays[1]).toBe(0);
    expect(server.asked.length).toBe(2);
    feed.stop();
  });
});
