/**
 * Time on this page. Two clocks are asked and the one that says more is believed: the even one may stand still while a phone
 * sleeps, the wall's can be set back. So nothing old ever passes for new.
 */
export interface Moment {
  wallMs: number;
  evenMs: number;
}

export function moment(): Moment {
  return { wallMs: Date.now(), evenMs: performance.now() };
}

/** Milliseconds that have passed since, never below zero. */
export function sinceMs(then: Moment, now: Moment = moment()): number {
  return Math.max(now.wallMs - then.wallMs, now.evenMs - then.evenMs, 0);
}

/** The moment that lay so many milliseconds before. */
export function before(then: Moment, ms: number): Moment {
  return { wallMs: then.wallMs - ms, evenMs: then.evenMs - ms };
}

/**
 * How much later than the fastest on this line an event came. The two machines' clocks need not agree. What a sleeping phone's
 * network kept and hands over on waking is told apart from news.
 */
export class Lateness {
  private leastMs: number | null = null;

  /** Milliseconds by which an event that was sent at `atMs` (the server's time) is late. */
  of(atMs: number, nowMs: number = Date.now()): number {
    const lag = nowMs - atMs;
    this.leastMs = Math.min(this.leastMs ?? lag, lag);
    return lag - this.leastMs;
  }
}
