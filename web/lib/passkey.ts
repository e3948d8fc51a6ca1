/** Passkeys in the browser (WebAuthn Level 3): options come and answers go as JSON; the API wants bytes. */

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));

const text = (data: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

interface Described {
  id: string;
  type: 'public-key';
}

/** What the server sends for `navigator.credentials.create` and `.get`, as far as it holds bytes. */
interface Options {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Described[];
  allowCredentials?: Described[];
  [more: string]: unknown;
}

const described = (known: Described[] | undefined): PublicKeyCredentialDescriptor[] => (known ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

/** Why no answer came: somebody said no or let it run out, or this device has it already, or the browser cannot. */
export type Why = 'cancelled' | 'known' | 'unable';

export class NoPasskey extends Error {
  constructor(readonly why: Why) {
    super(why);
  }
}

export function whyOf(error: unknown): Why {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return 'cancelled';
  return name === 'InvalidStateError' ? 'known' : 'unable';
}

export const canPasskey = (): boolean => typeof PublicKeyCredential !== 'undefined' && navigator.credentials !== undefined;

export function createOptions(options: Options): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials, ...rest } = options;
  return {
    ...(rest as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytes(challenge),
    user: { ...user!, id: bytes(user!.id) },
    excludeCredentials: described(excludeCredentials),
  };
}

export function getOptions(options: Options): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials, ...rest } = options;
  return { ...rest, challenge: bytes(challenge), allowCredentials: described(allowCredentials) };
}

/** An answer as the server reads it. */
export function answerOf(found: PublicKeyCredential): object {
  const response = found.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts: Record<string, string> = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject !== undefined) parts['attestationObject'] = text(response.attestationObject);
  else {
    parts['authenticatorData'] = text(response.authenticatorData);
    parts['signature'] = text(response.signature);
    if (response.userHandle !== null) parts['userHandle'] = text(response.userHandle);
  }
  return { id: found.id, rawId: text(found.rawId), type: found.type, response: parts, clientExtensionResults: {} };
}

async function asked(call: () => Promise<Credential | null>): Promise<object> {
  if (!canPasskey()) throw new NoPasskey('unable');
  let found: Credential | null;
  try {
    found = await call();
  } catch (error) {
    throw new NoPasskey(whyOf(error));
  }
  if (found === null) throw new NoPasskey('cancelled');
  return answerOf(found as PublicKeyCredential);
}

export const makePasskey = (options: Options): Promise<object> => asked(() => navigator.credentials.create({ publicKey: createOptions(options) }));
export const provePasskey = (options: Options): Promise<object> => asked(() => navigator.credentials.get({ publicKey: getOptions(options) }));
