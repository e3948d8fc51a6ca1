/** One petition while it is open: her answers, saved sealed after each step, and never sent by itself. */
import { getLocale } from '../texts';
import { asked, standing, type Answer, type Answers, type Form, type Question } from './answers';
import { exhibitsOf, scansOf, type Added } from './attach';
import { bodyOf } from './body';
import { newName, random, type Bytes } from './seal';
import { ask, listed, Refused, send } from './store';
import { vault, type Kept } from './vault.svelte';

export interface Receipt {
  petition_id: string;
  court_id: string;
  way: string;
  at_ms: number;
  number: string | null;
  sha256: string;
  package: string;
}
/** Where it stands at its court: a word and times. */
export interface AtCourt {
  word: string;
  hearing_ms: number | null;
  decided_ms: number | null;
  appeal_ms: number | null;
}
interface Doc {
  petition_id: string;
  answers: Answers;
  attached: string[];
  at: string | null;
  receipt: Receipt | null;
}
export interface FormNow {
  form: Form;
  today: string;
  courts: { court_id: string; way: string }[];
}

/** The form in the language of her page, and which day it is at the court. */
export async function formNow(): Promise<FormNow> {
  return (await (await ask(`/api/petition/form?language=${getLocale()}`)).json()) as FormNow;
}

const KEY_BYTES = 32;
const EMPTY: Omit<Doc, 'petition_id'> = { answers: {}, attached: [], at: null, receipt: null };

export class Petition {
  doc = $state<Doc>({ petition_id: '', ...EMPTY });
  /** How the newest change is kept: `no` while it could not be. */
  kept = $state<'yes' | 'saving' | 'no'>('yes');
  readonly now: FormNow;
  name = '';
  key: Bytes = random(KEY_BYTES);
  private version = 0;
  private base: Answers = {};
  private saving: Promise<void> = Promise.resolve();

  constructor(now: FormNow) {
    this.now = now;
  }

  get form(): Form {
    return this.now.form;
  }

  get asked(): Question[] {
    return asked(this.form, this.doc.answers);
  }

  get standing(): ReturnType<typeof standing> {
    return standing(this.form, this.doc.answers, this.now.today);
  }

  /** Opens the petition that she writes on, or begins one. */
  async begin(): Promise<void> {
    const newest = (await listed()).filter((one) => one.kind === 'petition').at(-1);
    if (newest === undefined) return this.fresh();
    this.name = newest.name;
    await this.reread();
  }

  fresh(): void {
    this.name = newName();
    this.key = random(KEY_BYTES);
    this.version = 0;
    this.base = {};
    this.doc = { petition_id: newName(), ...EMPTY };
    this.kept = 'yes';
  }

  /** What a court sent back is hers to mend: the same answers, as a petition of a new name. */
  async mend(): Promise<void> {
    this.doc.petition_id = newName();
    this.doc.receipt = null;
    await this.save();
  }

  /** Asks where it stands; null where its court keeps that elsewhere. */
  async atCourt(): Promise<AtCourt | null> {
    try {
      return (await (await send('/api/petition/standing', { petition_id: this.doc.petition_id })).json()) as AtCourt;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  private async reread(): Promise<void> {
    const paper = (await listed()).find((one) => one.name === this.name);
    const { key, text } = await vault.readPetition(this.name);
    this.key = key;
    this.version = paper?.version ?? 0;
    this.doc = JSON.parse(text) as Doc;
    this.base = { ...this.doc.answers };
  }

  put(question: string, answer: Answer): void {
    this.doc.answers[question] = answer;
    this.kept = 'saving';
  }

  /** Saves what is there now; one save at a time. */
  save(): Promise<void> {
    this.saving = this.saving.then(() => this.written().catch(() => void (this.kept = 'no')));
    return this.saving;
  }

  private async written(): Promise<void> {
    this.kept = 'saving';
    const text = JSON.stringify(this.doc);
    try {
      this.version = await vault.writePetition(this.name, this.version + 1, this.key, text);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'changed') throw error;
      await this.merged();
      this.version = await vault.writePetition(this.name, this.version + 1, this.key, JSON.stringify(this.doc));
    }
    this.base = { ...(JSON.parse(text) as Doc).answers };
    this.kept = 'yes';
  }

  /** Somebody who helps wrote meanwhile: theirs is taken, but for the answers that were changed here. */
  private async merged(): Promise<void> {
    const mine = this.doc;
    const before = this.base;
    await this.reread();
    for (const [name, answer] of Object.entries(mine.answers)) {
      if (JSON.stringify(answer) !== JSON.stringify(before[name])) this.doc.answers[name] = answer;
    }
    this.doc.at = mine.at;
    this.doc.attached = mine.attached;
    this.doc.receipt = mine.receipt ?? this.doc.receipt;
  }

  // -- what leaves the phone, when she says so

  private async exhibits(entries: Kept[]): Promise<Added[]> {
    const chosen = entries.filter((one) => this.doc.attached.includes(one.paper.name));
    return exhibitsOf(chosen, (paper) => vault.file(paper), this.form.court_language);
  }

  async printed(sheet: 'petition' | 'court-only', entries: Kept[]): Promise<Blob> {
    const body = bodyOf(this.form, this.doc, await this.exhibits(entries), sheet);
    return (await ask('/api/petition/print', { method: 'POST', body })).blob();
  }

  /** `scans`: pages that she signed by hand. */
  async file(entries: Kept[], scans: File[]): Promise<void> {
    const added = [...(await scansOf(scans, this.form.court_language)), ...(await this.exhibits(entries))];
    const body = bodyOf(this.form, this.doc, added, null);
    this.doc.receipt = (await (await ask('/api/petition/file', { method: 'POST', body })).json()) as Receipt;
    await this.save();
  }
}
