/**
 * What is sealed on her phone before it leaves it. Words that only she has open a key, that key opens all else; the server and the
 * phone keep nothing in clear. AES-GCM (NIST SP 800-38D) with 256 bits; the words are stretched by PBKDF2-SHA-256.
 */
import type { Language } from '../texts';
import { WORDS } from './wordlist';

/** Of 256 words each: 64 bits, and the stretching is worth some twenty more. */
export const WORD_COUNT = 8;
const ROUNDS = 600_000;
const IV_BYTES = 12;
const text = new TextEncoder();

/** Bytes in memory of their own, as the browser's cryptography wants them. */
export type Bytes = Uint8Array<ArrayBuffer>;

export interface Wrapped {
  salt: string;
  key: string;
}

export function bytesOf(said: string): Bytes {
  return text.encode(said) as Bytes;
}

export function textOf(bytes: Bytes): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

export function random(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}

export function base64(bytes: Bytes): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

export function unbase64(said: string): Bytes {
  return Uint8Array.from(atob(said.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}

export function base64url(bytes: Bytes): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function sha256(bytes: Bytes): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** A name that tells nothing. */
export function newName(): string {
  return hex(random(8));
}

// -- her words

export async function newWords(language: Language): Promise<string[]> {
  const words = await WORDS[language]();
  return Array.from(random(WORD_COUNT), (byte) => words[byte]!);
}

/** Letters that are written for each other: of Arabic with and without their hamza and dots, of Russian with and without theirs. */
const SAME: Record<string, string> = { أ: 'ا', إ: 'ا', آ: 'ا', ة: 'ه', ى: 'ي', ё: 'е' };

/** The words as they count: however they were spaced, in whatever case, without marks that stand on a letter by themselves (Thai). */
export function plainWords(said: string): string {
  const letters = said.normalize('NFC').toLowerCase().replace(/[أإآةىё]/g, (letter) => SAME[letter]!);
  return letters.split(/[^\p{L}]+/u).filter(Boolean).join(' ');
}

export async function keyOfWords(said: string, salt: Bytes, rounds = ROUNDS): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', bytesOf(plainWords(said)), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

// -- sealing

export async function keyFrom(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** `about` is bound to the sealed bytes: put under another name they do not open. */
export async function seal(key: CryptoKey, plain: Bytes, about: string): Promise<Bytes> {
  const iv = random(IV_BYTES);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(about) }, key, plain));
  const whole = new Uint8Array(IV_BYTES + sealed.length);
  whole.set(iv);
  whole.set(sealed, IV_BYTES);
  return whole;
}

/** Throws where the key is another one, or anything was changed. */
export async function unseal(key: CryptoKey, whole: Bytes, about: string): Promise<Bytes> {
  const how = { name: 'AES-GCM', iv: whole.slice(0, IV_BYTES), additionalData: bytesOf(about) };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, whole.slice(IV_BYTES)));
}

/** What a link to a helper is made of: by one half it proves itself to the server, by the other it opens the petition. */
export async function halves(secret: Bytes): Promise<{ token: Bytes; key: CryptoKey }> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const part = async (info: string): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bytesOf(info) }, base, 256));
  return { token: await part('token'), key: await keyFrom(await part('key')) };
}
