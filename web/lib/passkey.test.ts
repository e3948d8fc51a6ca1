import { describe, expect, it } from 'vitest';
import { answerOf, createOptions, getOptions, whyOf } from './passkey';

const buffer = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;

describe('options', () => {
  it('become bytes where the browser wants bytes, and keep the rest', () => {
    const made = createOptions({ challenge: '-_8', user: { id: 'AQI', name: 'a', displayName: 'a' }, excludeCredentials: [{ id: 'AQ', type: 'public-key' }], timeout: 7 });
    expect([...(made.challenge as Uint8Array)]).toEqual([251, 255]);
    expect([...(made.user.id as Uint8Array)]).toEqual([1, 2]);
    expect([...(made.excludeCredentials?.[0]?.id as Uint8Array)]).toEqual([1]);
    expect(made.timeout).toBe(7);
    expect(getOptions({ challenge: 'AQ', rpId: 'desk' })).toMatchObject({ rpId: 'desk', allowCredentials: [] });
  });
});

describe('an answer', () => {
  it('is base64url without padding', () => {
    const response = { clientDataJSON: buffer(251, 255), authenticatorData: buffer(1), signature: buffer(2), userHandle: null };
    const found = answerOf({ id: 'x', rawId: buffer(3), type: 'public-key', response } as unknown as PublicKeyCredential);
    expect(found).toMatchObject({ rawId: 'Aw', response: { clientDataJSON: '-_8', authenticatorData: 'AQ', signature: 'Ag' } });
    expect((found as { response: object }).response).not.toHaveProperty('userHandle');
  });
});

describe('why none came', () => {
  it.each([
    ['NotAllowedError', 'cancelled'],
    ['AbortError', 'cancelled'],
    ['InvalidStateError', 'known'],
    ['SecurityError', 'unable'],
  ])('%s is %s', (name, why) => expect(whyOf(new DOMException('', name))).toBe(why));
});
