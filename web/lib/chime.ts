/** The desk's alarm sounds: each has its own, none needs a file, and a locked screen has them too. */

export type Alarm = 'sos' | 'danger' | 'warning';

/** Tones as [pitch in Hz, start in s, length in s]. */
const TONES: Record<Alarm, [number, number, number][]> = {
  sos: [[988, 0, 0.12], [988, 0.18, 0.12], [988, 0.36, 0.12], [740, 0.54, 0.3]],
  danger: [[880, 0, 0.18], [660, 0.2, 0.18], [880, 0.4, 0.18]],
  warning: [[620, 0, 0.2], [780, 0.25, 0.25]],
};
const RANK: Record<string, number> = { clear: 0, watch: 1, warning: 2, danger: 3 };

/** What an event of the stream sounds like; null: it is not heard. */
export function alarmOf(name: string, data: unknown): Alarm | null {
  if (name === 'sos') return (data as { cancelled: boolean }).cancelled ? null : 'sos';
  if (name !== 'transition') return null;
  const { tier, tier_before } = data as { tier: string; tier_before: string };
  const rises = (RANK[tier] ?? 0) > (RANK[tier_before] ?? 0);
  return rises && (tier === 'danger' || tier === 'warning') ? tier : null;
}

export class Chime {
  private context: AudioContext | null = null;

  /** Browsers give sound only after a touch or a key: call this in one. */
  wake(): void {
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') void this.context.resume();
  }

  sound(alarm: Alarm): void {
    const context = this.context;
    if (context === null || context.state !== 'running') return;
    for (const [pitch, start, length] of TONES[alarm]) tone(context, pitch, context.currentTime + start, length);
  }
}

function tone(context: AudioContext, pitch: number, at: number, length: number): void {
  const voice = context.createOscillator();
  const gain = context.createGain();
  voice.type = 'triangle';
  voice.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.6, at + 0.02);
  gain.gain.setValueAtTime(0.6, at + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + length);
  voice.connect(gain).connect(context.destination);
  voice.start(at);
  voice.stop(at + length);
}
