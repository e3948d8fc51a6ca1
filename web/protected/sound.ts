/** Sound and vibration: each state has its own, and none needs a file. */
import type { Face } from './model';

/** Tones as [pitch in Hz, start in s, length in s]; `every_s` repeats an alarm. */
interface Pattern {
  tones: [number, number, number][];
  volume: number;
  vibrate: number[];
  every_s: number | null;
}

const PATTERNS: Partial<Record<Face, Pattern>> = {
  danger: { tones: [[880, 0, 0.18], [660, 0.2, 0.18], [880, 0.4, 0.18], [660, 0.6, 0.18]], volume: 0.9, vibrate: [400, 120, 400, 120, 400], every_s: 1.5 },
  warning: { tones: [[620, 0, 0.25], [780, 0.3, 0.35]], volume: 0.7, vibrate: [300, 200, 300], every_s: 3 },
  blind: { tones: [[420, 0, 0.3], [420, 0.5, 0.3]], volume: 0.5, vibrate: [150, 150, 150, 150, 150], every_s: null },
  handset: { tones: [[520, 0, 0.15], [420, 0.2, 0.15], [320, 0.4, 0.25]], volume: 0.5, vibrate: [200, 100, 100], every_s: null },
  lost: { tones: [[360, 0, 0.2], [300, 0.25, 0.4]], volume: 0.5, vibrate: [500], every_s: null },
  watch: { tones: [[560, 0, 0.2]], volume: 0.25, vibrate: [80], every_s: null },
  clear: { tones: [[660, 0, 0.15], [520, 0.2, 0.3]], volume: 0.25, vibrate: [60, 60, 60], every_s: null },
};

const BETWEEN_S = 4;

export class Speaker {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private ringing: Face | null = null;

  /** `changed` is told when sound becomes possible, and when the phone takes it away (a call, another app). */
  constructor(private readonly changed: (ready: boolean) => void) {}

  /** Browsers give sound only after a touch: call this in one. */
  async unlock(): Promise<void> {
    if (this.context === null) {
      this.context = new AudioContext();
      this.context.addEventListener('statechange', () => this.changed(this.ready));
    }
    await this.context.resume();
    this.changed(this.ready);
  }

  get ready(): boolean {
    return this.context?.state === 'running';
  }

  /** Sound a face over and over until another is given, or null. */
  ring(face: Face | null): void {
    if (face === this.ringing) return;
    const rang = this.ringing !== null;
    this.ringing = face;
    clearInterval(this.timer);
    if (rang) shake([]);
    const pattern = face === null ? undefined : PATTERNS[face];
    if (pattern === undefined) return;
    once(this.context, pattern);
    this.timer = setInterval(() => once(this.context, pattern), (pattern.every_s ?? BETWEEN_S) * 1000);
  }

  /** Sound a face once, unless an alarm is sounding. */
  note(face: Face): void {
    const pattern = PATTERNS[face];
    if (this.ringing === null && pattern !== undefined) once(this.context, pattern);
  }
}

function once(context: AudioContext | null, pattern: Pattern): void {
  shake(pattern.vibrate);
  if (context === null || context.state !== 'running') return;
  for (const [pitch, start, length] of pattern.tones) tone(context, pitch, context.currentTime + start, length, pattern.volume);
}

/** Phones vibrate only for a page that was touched before. */
function shake(pattern: number[]): void {
  if (navigator.userActivation?.hasBeenActive === true) navigator.vibrate?.(pattern);
}

function tone(context: AudioContext, pitch: number, at: number, length: number, volume: number): void {
  const voice = context.createOscillator();
  const gain = context.createGain();
  voice.type = 'triangle';
  voice.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.02);
  gain.gain.setValueAtTime(volume, at + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + length);
  voice.connect(gain).connect(context.destination);
  voice.start(at);
  voice.stop(at + length);
}
