import { describe, expect, it } from 'vitest';
import { isReturn } from './entrance';

describe('a page that a provider sent somebody back to', () => {
  it('is told by its address', () => {
    expect(isReturn('?code=a&state=b')).toBe(true);
    expect(isReturn('?error=access_denied&state=b')).toBe(true);
    for (const search of ['', '?code=a', '?state=b', '?x=1']) expect(isReturn(search)).toBe(false);
  });
});
