/** A random name of 128 bits. Unlike `crypto.randomUUID` it is there on plain HTTP too, where a test phone in a local network stands. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
