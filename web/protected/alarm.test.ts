import { describe, expect, it } from 'vitest';
import { acknowledged, next, QUIET, voice, type Alarm } from './alarm';
import type { Face, Looked, PairState, Tier } from './model';

function looked(face: Face, tier: Tier = 'clear'): Looked {
  const pair: PairState = { pair: 'a', place: null, tier, seen: 'live', handset: 'live', since_ms: 0, words: null, map: null, closed: null };
  return { face, pair };
}

const after = (...faces: (Face | 'ok')[]): Alarm =>
  faces.reduce<Alarm>((alarm, face) => (face === 'ok' ? acknowledged(alarm) : next(alarm, looked(face))), QUIET);

describe('the alarm', () => {
  it('sounds for warning and danger, each with its own voice, and for nothing calm', () => {
    expect(voice(after('warning'))).toBe('warning');
    expect(voice(after('danger'))).toBe('danger');
    for (const face of ['clear', 'watch', 'stale', 'handset', 'none', 'connecting', 'lost'] as const) expect(voice(after(face))).toBeNull();
  });

  it('sounds when he was in the area and cannot be seen any more', () => {
    expect(voice(next(QUIET, looked('blind', 'watch')))).toBe('blind');
    expect(voice(next(QUIET, looked('blind', 'clear')))).toBeNull();
  });

  it('is hushed by her for this level, and sounds again when it gets worse', () => {
    expect(voice(after('warning', 'ok'))).toBeNull();
    expect(voice(after('warning', 'ok', 'danger'))).toBe('danger');
    expect(voice(after('danger', 'ok', 'warning'))).toBeNull();
  });

  it('sounds again on a new approach', () => {
    expect(voice(after('danger', 'ok', 'warning', 'danger'))).toBe('danger');
    expect(voice(after('warning', 'ok', 'clear', 'warning'))).toBe('warning');
  });

  it('changes its voice when danger that nobody has seen becomes a warning', () => {
    expect(voice(after('danger', 'warning'))).toBe('warning');
  });

  it('stops at all-clear', () => {
    expect(voice(after('danger', 'clear'))).toBeNull();
  });

  it('outlasts a lost line, and what she has seen stays seen', () => {
    expect(voice(after('danger', 'lost'))).toBe('danger');
    expect(voice(after('danger', 'ok', 'lost', 'danger'))).toBeNull();
  });
});
