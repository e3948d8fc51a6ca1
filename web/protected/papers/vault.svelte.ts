/** Her papers while they are open: keys live in this page's memory and nowhere else. */
import { lock } from '../lock.svelte';
import type { Language } from '../texts';
import { forgetPlanKey } from '../planstore';
import { base64, base64url, bytesOf, keyFrom, keyOfWords, newName, newWords, random, seal, sha256, textOf, unbase64, unseal, type Bytes } from './seal';
import { about, unsealPlan, type Plan } from './plan';
import { drop, listed, read, Refused, write, type Paper } from './store';

const KEY_BYTES = 32;
const AWAY_MS = 300_000;
const COUNT_BYTES = 2;

/** What lies under the name of her keys: the main key, wrapped by her words and, where she set it up, by her phone's passkey. */
interface Keys {
  words: { salt: string; key: string };
  passkey?: { id: string; salt: string; key: string };
}

interface Entry {
  n: number;
  prev: string | null;
  salt: string;
  made_ms: number;
}
export interface EntryFile {
  paper: string;
  media_type: string;
  sha256: string;
  file_name: string;
}
/** One entry of her diary as it is sealed. `when` is the time she gives it, `made_ms` that of her phone; the server adds its own. */
export interface Diary extends Entry {
  kind: 'event' | 'message' | 'call' | 'photo';
  when: string;
  place: string;
  text: string;
  files: EntryFile[];
}
export interface Kept {
  paper: Paper;
  entry: Diary;
  body: Bytes;
  sound: boolean;
}

class Vault {
  /** Null while it is not known whether she has papers here. */
  exists = $state<boolean | null>(null);
  open = $state(false);
  private main: CryptoKey | null = null;
  private raw: Bytes | null = null;
  private keys = $state.raw<Keys | null>(null);
  private keyPaper: Paper | null = null;
  private hiddenMs: number | null = null;

  constructor() {
    document.addEventListener('visibilitychange', () => this.seen());
    lock.onClose(() => this.lock());
  }

  /** Away for long, it locks itself. */
  private seen(): void {
    if (document.visibilityState === 'hidden') this.hiddenMs = Date.now();
    else if (this.hiddenMs !== null && Date.now() - this.hiddenMs > AWAY_MS) this.lock();
  }

  async look(): Promise<void> {
    const found = (await listed()).find((one) => one.kind === 'key') ?? null;
    // Another session on this phone, or her keys were made anew elsewhere: what is open here is not hers any more.
    if (found?.name !== this.keyPaper?.name) this.lock();
    this.keyPaper = found;
    this.keys = found === null ? null : (JSON.parse(textOf(await read(found.name))) as Keys);
    this.exists = found !== null;
  }

  /** The phone's own lock, where she set it up. */
  get passkey(): NonNullable<Keys['passkey']> | null {
    return this.keys?.passkey ?? null;
  }

  /** Makes her keys; returns the words that open them, which are shown once. */
  async make(language: Language): Promise<string[]> {
    const words = await newWords(language);
    const salt = random(16);
    const raw = random(KEY_BYTES);
    const key = await seal(await keyOfWords(words.join(' '), salt), raw, 'words');
    const name = newName();
    this.keys = { words: { salt: base64(salt), key: base64(key) } };
    const written = await write({ name, kind: 'key', version: 1 }, bytesOf(JSON.stringify(this.keys)));
    this.keyPaper = { name, kind: 'key', version: written.version, at_ms: written.at_ms, size: 0, entry: null };
    await this.take(raw);
    this.exists = true;
    return words;
  }

  private async take(raw: Bytes): Promise<void> {
    this.raw = raw;
    this.main = await keyFrom(raw);
    this.hiddenMs = null;
    this.open = true;
  }

  /** Returns whether these are her words. */
  async unlock(words: string): Promise<boolean> {
    if (this.keys === null) return false;
    try {
      const { salt, key } = this.keys.words;
      await this.take(await unseal(await keyOfWords(words, unbase64(salt)), unbase64(key), 'words'));
    } catch {
      return false;
    }
    return true;
  }

  /** Opens with what the phone's own passkey gives; returns whether it did. */
  async unlockWith(secret: Bytes): Promise<boolean> {
    const kept = this.keys?.passkey;
    if (kept === undefined) return false;
    try {
      await this.take(await unseal(await keyFrom(secret), unbase64(kept.key), 'passkey'));
    } catch {
      return false;
    }
    return true;
  }

  async addPasskey(id: Bytes, salt: Bytes, secret: Bytes): Promise<void> {
    const key = await seal(await keyFrom(secret), this.raw!, 'passkey');
    await this.rekey({ words: this.keys!.words, passkey: { id: base64url(id), salt: base64(salt), key: base64(key) } });
  }

  async dropPasskey(): Promise<void> {
    await this.rekey({ words: this.keys!.words });
  }

  private async rekey(keys: Keys): Promise<void> {
    const written = await write({ name: this.keyPaper!.name, kind: 'key', version: this.keyPaper!.version + 1 }, bytesOf(JSON.stringify(keys)));
    this.keyPaper = { ...this.keyPaper!, version: written.version };
    this.keys = keys;
  }

  lock(): void {
    this.main = null;
    this.raw?.fill(0);
    this.raw = null;
    this.open = false;
  }

  /** Takes everything away, for good: what nobody can open any more is of no use to her. */
  async forget(): Promise<void> {
    for (const one of await listed()) await drop(one.name);
    this.lock();
    await forgetPlanKey();
    this.keys = null;
    this.exists = false;
  }

  private key(): CryptoKey {
    if (this.main === null) throw new Refused(423, 'locked', null);
    return this.main;
  }

  // -- petitions: each under a key of its own, so that a helper is given one and no more

  async readPetition(name: string): Promise<{ text: string; key: Bytes }> {
    const body = await read(name);
    const at = COUNT_BYTES + new DataView(body.buffer).getUint16(0);
    const key = await unseal(this.key(), body.slice(COUNT_BYTES, at), `key ${name}`);
    return { key, text: textOf(await unseal(await keyFrom(key), body.slice(at), `petition ${name}`)) };
  }

  async writePetition(name: string, version: number, key: Bytes, text: string): Promise<number> {
    const wrapped = await seal(this.key(), key, `key ${name}`);
    const sealed = await seal(await keyFrom(key), bytesOf(text), `petition ${name}`);
    return (await write({ name, kind: 'petition', version }, joined(wrapped, sealed))).version;
  }

  // -- her plan

  private async planPaper(): Promise<Paper | null> {
    return (await listed()).find((one) => one.kind === 'plan') ?? null;
  }

  async readPlan(): Promise<Plan | null> {
    const paper = await this.planPaper();
    if (paper === null) return null;
    const body = await read(paper.name);
    return unsealPlan(await keyFrom(await this.planKeyOf(paper.name, body)), paper.name, body);
  }

  private planKeyOf(name: string, body: Bytes): Promise<Bytes> {
    const at = COUNT_BYTES + new DataView(body.buffer).getUint16(0);
    return unseal(this.key(), body.slice(COUNT_BYTES, at), `key ${name}`);
  }

  /** Seals the plan under its own key, the same one each time; returns its name and that key. */
  async writePlan(plan: Plan): Promise<{ name: string; key: Bytes }> {
    const paper = await this.planPaper();
    const name = paper?.name ?? newName();
    const key = paper === null ? random(KEY_BYTES) : await this.planKeyOf(name, await read(name));
    const wrapped = await seal(this.key(), key, `key ${name}`);
    const sealed = await seal(await keyFrom(key), bytesOf(JSON.stringify(plan)), about(name));
    await write({ name, kind: 'plan', version: (paper?.version ?? 0) + 1 }, joined(wrapped, sealed));
    return { name, key };
  }

  // -- the diary

  async entries(): Promise<Kept[]> {
    const papers = (await listed()).filter((one) => one.kind === 'entry');
    const found = await Promise.all(papers.map((paper) => this.entry(paper)));
    found.sort((one, other) => one.entry.n - other.entry.n);
    let prev: string | null = null;
    for (const one of found) {
      one.sound = one.entry.prev === prev;
      prev = await sha256(one.body);
    }
    return found;
  }

  private async entry(paper: Paper): Promise<Kept> {
    const body = await unseal(this.key(), await read(paper.name), `entry ${paper.name}`);
    return { paper, body, entry: JSON.parse(textOf(body)) as Diary, sound: true };
  }

  /** Seals an entry: its hash holds the hash of the one before, and 32 random bytes, so that nobody can try texts against it. */
  async addEntry(said: Omit<Diary, keyof Entry | 'files'>, files: File[]): Promise<void> {
    const kept = await this.entries();
    const last = kept.at(-1);
    const whole: Diary = {
      n: (last?.entry.n ?? 0) + 1,
      prev: last === undefined ? null : await sha256(last.body),
      salt: base64url(random(KEY_BYTES)),
      made_ms: Date.now(),
      ...said,
      files: await Promise.all(files.map((file) => this.addFile(file))),
    };
    const body = bytesOf(JSON.stringify(whole, null, 1));
    const name = newName();
    await write({ name, kind: 'entry', version: 1, seal: await sha256(body) }, await seal(this.key(), body, `entry ${name}`));
  }

  private async addFile(file: File): Promise<EntryFile> {
    const body = new Uint8Array(await file.arrayBuffer());
    const paper = newName();
    await write({ name: paper, kind: 'file', version: 1 }, await seal(this.key(), body, `file ${paper}`));
    return { paper, media_type: file.type || 'application/octet-stream', sha256: await sha256(body), file_name: file.name };
  }

  async file(paper: string): Promise<Bytes> {
    return unseal(this.key(), await read(paper), `file ${paper}`);
  }

  async dropEntry({ paper, entry }: Kept): Promise<void> {
    for (const file of entry.files) await drop(file.paper);
    await drop(paper.name);
  }
}

export function joined(wrapped: Bytes, sealed: Bytes): Bytes {
  const whole = new Uint8Array(COUNT_BYTES + wrapped.length + sealed.length);
  new DataView(whole.buffer).setUint16(0, wrapped.length);
  whole.set(wrapped, COUNT_BYTES);
  whole.set(sealed, COUNT_BYTES + wrapped.length);
  return whole;
}

export const vault = new Vault();
