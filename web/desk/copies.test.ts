import { describe, expect, it } from 'vitest';
import { pointsOf, stampOf, timeMs } from './copies';

describe('copies for investigations', () => {
  it('read times in UTC, and nothing else', () => {
    expect(timeMs('2026-11-28T10:30')).toBe(Date.UTC(2026, 10, 28, 10, 30));
    expect(timeMs('2026-11-28T10:30:05')).toBe(Date.UTC(2026, 10, 28, 10, 30, 5));
    expect(timeMs('')).toBeNull();
    expect(stampOf(Date.UTC(2026, 10, 28, 10, 30, 5))).toBe('2026-11-28 10:30:05');
  });

  it('take one position a line', () => {
    const line = '{"at_ms":1,"received_ms":2,"latitude":37.5,"longitude":127,"error_m":null,"source":"gnss","verdict":"used"}\n';
    expect(pointsOf(line + line)).toHaveLength(2);
    expect(pointsOf('')).toEqual([]);
  });
});
