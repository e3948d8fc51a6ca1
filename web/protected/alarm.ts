/**
 * When to sound. The display never depends on this: "I have seen it" hushes the sound of one level, and only that.
 */
import type { Face, Looked } from './model';

/** 0 is calm. A level that rises above what she has seen sounds; one that falls and rises again sounds again. */
export interface Alarm {
  level: number;
  seen: number;
}

export const QUIET: Alarm = { level: 0, seen: 0 };

const VOICES: readonly (Face | null)[] = [null, 'blind', 'warning', 'danger'];

function levelOf(looked: Looked): number {
  if (looked.face === 'danger') return 3;
  if (looked.face === 'warning') return 2;
  // He was in the area, and now nobody can see him.
  return looked.face === 'blind' && looked.pair !== null && looked.pair.tier !== 'clear' ? 1 : 0;
}

/** The alarm after a new look, the same object if nothing changes. While the line is lost nothing is known to be over: the level stays. */
export function next(alarm: Alarm, looked: Looked): Alarm {
  const level = looked.face === 'lost' ? alarm.level : levelOf(looked);
  return level === alarm.level ? alarm : { level, seen: Math.min(alarm.seen, level) };
}

export function acknowledged(alarm: Alarm): Alarm {
  return { ...alarm, seen: alarm.level };
}

/** Whose sound to make over and over, or null for none. */
export function voice(alarm: Alarm): Face | null {
  return alarm.level > alarm.seen ? (VOICES[alarm.level] ?? null) : null;
}
