/** How often her page reports, as the server asks for it in its answers. See docs/sampling.md. */

/** At this interval and below every position is worth sending: the phone itself has none more often than each second. */
const EVERY_MS = 5_000;
const LEAST_S = 1;
const MOST_S = 300;
/** A phone that measures each second is never exactly on time. */
const EARLY_MS = 1_000;

export class Pace {
  private intervalMs = EVERY_MS;
  private takenMs: number | null = null;

  /** Takes the interval out of the server's answer; whatever is not one leaves it as it was. */
  heard(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null || !('interval_s' in answer)) return;
    const { interval_s: seconds } = answer;
    if (typeof seconds === 'number' && seconds >= LEAST_S && seconds <= MOST_S) this.intervalMs = seconds * 1000;
  }

  /** Whether a position measured now is to be sent; the next one is due an interval after it. */
  due(timeMs: number): boolean {
    const since = this.takenMs === null ? Infinity : timeMs - this.takenMs;
    // A clock that was set back must not hold her positions up.
    const due = this.intervalMs <= EVERY_MS || since < 0 || since >= this.intervalMs - EARLY_MS;
    if (due) this.takenMs = timeMs;
    return due;
  }

  /** The next position is due. */
  hurry(): void {
    this.takenMs = null;
  }
}
