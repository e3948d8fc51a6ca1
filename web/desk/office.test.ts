import { describe, expect, it } from 'vitest';
import { stageOf } from './office';

const step = { step: 'paired', owner: 'x' } as const;

describe('a step', () => {
  it('is done, late, running or waiting', () => {
    expect(stageOf({ ...step, done_ms: 0, due_ms: null }, 10)).toBe('done');
    expect(stageOf({ ...step, done_ms: null, due_ms: 10 }, 10)).toBe('late');
    expect(stageOf({ ...step, done_ms: null, due_ms: 11 }, 10)).toBe('running');
    expect(stageOf({ ...step, done_ms: null, due_ms: null }, 10)).toBe('waits');
  });
});
