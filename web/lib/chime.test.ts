import { describe, expect, it } from 'vitest';
import { alarmOf } from './chime';

const turned = (tier_before: string, tier: string): unknown => ({ tier_before, tier });

describe('what is heard', () => {
  it('is each rise to an alarm and each call for help, and nothing else', () => {
    expect(alarmOf('transition', turned('clear', 'danger'))).toBe('danger');
    expect(alarmOf('transition', turned('watch', 'warning'))).toBe('warning');
    expect(alarmOf('transition', turned('danger', 'warning'))).toBeNull();
    expect(alarmOf('transition', turned('clear', 'watch'))).toBeNull();
    expect(alarmOf('transition', turned('danger', 'danger'))).toBeNull();
    expect(alarmOf('sos', { cancelled: false })).toBe('sos');
    expect(alarmOf('sos', { cancelled: true })).toBeNull();
    expect(alarmOf('board', {})).toBeNull();
  });
});
