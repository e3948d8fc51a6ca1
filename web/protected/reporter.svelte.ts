/** The phone as her handset while this page is open: positions from the browser, sent until the server has them. */

import { newId } from '../lib/id';
import { keep, kept } from './memory';
import { Pace } from './pace';

const KEY = 'report';
const SEND_MS = 5_000;
const KEPT = 500;
const FRESH_MS = 120_000;

/** One fix in the server's own format; what the phone does not say is left out. */
export interface PhoneFix {
  id: string;
  time: number;
  lat: number;
  lon: number;
  error_m?: number;
  speed_mps?: number;
  course_deg?: number;
  altitude_m?: number;
}

export type Reporting = 'off' | 'asking' | 'on' | 'denied' | 'no_position';

export function phoneFix(position: GeolocationPosition): PhoneFix {
  const { latitude, longitude, accuracy, speed, heading, altitude } = position.coords;
  const fix: PhoneFix = { id: newId(), time: Math.round(position.timestamp), lat: latitude, lon: longitude };
  if (Number.isFinite(accuracy)) fix.error_m = accuracy;
  if (speed !== null && Number.isFinite(speed) && speed >= 0) fix.speed_mps = speed;
  if (heading !== null && Number.isFinite(heading)) fix.course_deg = heading % 360;
  if (altitude !== null && Number.isFinite(altitude)) fix.altitude_m = altitude;
  return fix;
}

export class Reporter {
  state = $state<Reporting>('off');
  private queue: PhoneFix[] = [];
  private last: PhoneFix | null = null;
  private readonly pace = new Pace();
  private watching: number | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Whether she asked for it before on this phone. */
  static wanted(): boolean {
    return kept(KEY) === 'on';
  }

  start(): void {
    if (this.watching !== null || !('geolocation' in navigator)) return;
    keep(KEY, 'on');
    this.state = 'asking';
    this.watching = navigator.geolocation.watchPosition(
      (position) => this.take(phoneFix(position)),
      (error) => (this.state = error.code === error.PERMISSION_DENIED ? 'denied' : 'no_position'),
      { enableHighAccuracy: true, maximumAge: 2_000, timeout: 30_000 },
    );
    this.timer = setInterval(() => void this.send(), SEND_MS);
  }

  /** The page goes; she still wants it the next time. */
  pause(): void {
    if (this.watching !== null) navigator.geolocation.clearWatch(this.watching);
    clearInterval(this.timer);
    this.watching = null;
    this.queue = [];
    this.last = null;
    this.pace.hurry();
    this.state = 'off';
  }

  stop(): void {
    this.pause();
    keep(KEY, null);
  }

  /** The newest position for an SOS, if it is fresh. */
  newest(): PhoneFix | null {
    return this.last !== null && Date.now() - this.last.time < FRESH_MS ? this.last : null;
  }

  /** What is true of her has changed: the server may need her position sooner than it asked for last. */
  hurry(): void {
    this.pace.hurry();
    const fix = this.newest();
    if (fix !== null && this.queue.length === 0) this.enqueue(fix);
  }

  private take(fix: PhoneFix): void {
    this.state = 'on';
    this.last = fix;
    if (this.pace.due(fix.time)) this.enqueue(fix);
  }

  private enqueue(fix: PhoneFix): void {
    this.queue.push(fix);
    // Without a line the oldest go: where she is now matters most.
    if (this.queue.length > KEPT) this.queue.shift();
    if (this.queue.length === 1) void this.send();
  }

  private async send(): Promise<void> {
    const batch = this.queue.slice();
    if (batch.length === 0) return;
    try {
      const answer = await fetch('/api/fixes', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ fixes: batch }),
        signal: AbortSignal.timeout(10_000),
      });
      // What the server calls wrong would be wrong for ever; it must not keep the next positions back.
      if (answer.ok || answer.status === 400) this.queue = this.queue.filter((fix) => !batch.includes(fix));
      if (answer.ok) this.pace.heard(await answer.json());
    } catch {
      // No line: they stay in the queue, and the page says that the connection is lost.
    }
  }
}
