/**
 * The phone's own lock instead of the words: a passkey whose pseudo-random function (WebAuthn PRF) gives the same 32 secret bytes each
 * time, and only after the phone's lock was opened. It proves nothing to the server and the server does not know of it.
 */
import { random, unbase64, type Bytes } from './seal';

const SALT_BYTES = 32;
const ES256 = -7;
const RS256 = -257;

export interface Made {
  id: Bytes;
  salt: Bytes;
  secret: Bytes;
}

export async function canPasskey(): Promise<boolean> {
  try {
    return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  } catch {
    return false;
  }
}

function secretOf(found: Credential | null): Bytes | null {
  const first = (found as PublicKeyCredential | null)?.getClientExtensionResults().prf?.results?.first;
  return first === undefined ? null : new Uint8Array(first as ArrayBuffer);
}

/** Makes one under the app's neutral name; null where this phone's passkeys have no such function, or she broke it off. */
export async function makePasskey(): Promise<Made | null> {
  const salt = random(SALT_BYTES);
  const name = document.title;
  try {
    const made = (await navigator.credentials.create({
      publicKey: {
        challenge: random(SALT_BYTES),
        rp: { name },
        user: { id: random(16), name, displayName: name },
        pubKeyCredParams: [
          { type: 'public-key', alg: ES256 },
          { type: 'public-key', alg: RS256 },
        ],
        authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    })) as PublicKeyCredential | null;
    if (made === null) return null;
    const id = new Uint8Array(made.rawId);
    // Some phones give the secret only when the passkey is used.
    const secret = secretOf(made) ?? (await usePasskey(id, salt));
    return secret === null ? null : { id, salt, secret };
  } catch {
    return null;
  }
}

async function usePasskey(id: Bytes, salt: Bytes): Promise<Bytes | null> {
  const publicKey = { challenge: random(SALT_BYTES), allowCredentials: [{ type: 'public-key' as const, id }], extensions: { prf: { eval: { first: salt } } } };
  return secretOf(await navigator.credentials.get({ publicKey: { ...publicKey, userVerification: 'required' } }));
}

export async function secretFrom(kept: { id: string; salt: string }): Promise<Bytes | null> {
  return usePasskey(unbase64(kept.id), unbase64(kept.salt)).catch(() => null);
}
