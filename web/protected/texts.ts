/**
 * Her texts in ten languages. English comes with the page, since it stands in for whatever cannot be loaded; of the others only the
 * one she reads is fetched. The types are those of the messages that all pages share, so a key that does not exist is an error.
 */
import type { m as written } from '../lib/paraglide/messages.js';
import english from '../lib/texts/en.json';

type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Texts = Partial<Record<string, Text | null>>;
type Values = Record<string, string | number>;

const one = (chosen: Promise<{ default: Texts }>): Promise<Texts> => chosen.then((module) => module.default);

/** `tag` is what dates and numbers follow: digits and years as on the papers of the court, whatever the language's own custom. */
const LANGUAGES = {
  ko: { name: '한국어', tag: 'ko', rtl: false, load: () => one(import('../lib/texts/ko.json')), later: () => one(import('../lib/texts/later/ko.json')) },
  en: { name: 'English', tag: 'en', rtl: false, load: () => Promise.resolve(english as Texts), later: () => one(import('../lib/texts/later/en.json')) },
  'zh-Hans': { name: '简体中文', tag: 'zh-Hans', rtl: false, load: () => one(import('../lib/texts/zh-Hans.json')), later: () => one(import('../lib/texts/later/zh-Hans.json')) },
  vi: { name: 'Tiếng Việt', tag: 'vi', rtl: false, load: () => one(import('../lib/texts/vi.json')), later: () => one(import('../lib/texts/later/vi.json')) },
  th: { name: 'ไทย', tag: 'th-u-ca-gregory-nu-latn', rtl: false, load: () => one(import('../lib/texts/th.json')), later: () => one(import('../lib/texts/later/th.json')) },
  ja: { name: '日本語', tag: 'ja', rtl: false, load: () => one(import('../lib/texts/ja.json')), later: () => one(import('../lib/texts/later/ja.json')) },
  ru: { name: 'Русский', tag: 'ru', rtl: false, load: () => one(import('../lib/texts/ru.json')), later: () => one(import('../lib/texts/later/ru.json')) },
  es: { name: 'Español', tag: 'es', rtl: false, load: () => one(import('../lib/texts/es.json')), later: () => one(import('../lib/texts/later/es.json')) },
  fr: { name: 'Français', tag: 'fr', rtl: false, load: () => one(import('../lib/texts/fr.json')), later: () => one(import('../lib/texts/later/fr.json')) },
  ar: { name: 'العربية', tag: 'ar-u-ca-gregory-nu-latn', rtl: true, load: () => one(import('../lib/texts/ar.json')), later: () => one(import('../lib/texts/later/ar.json')) },
} as const;

export type Language = keyof typeof LANGUAGES;
export const languages = Object.keys(LANGUAGES) as Language[];
const BASE: Language = 'en';

let now: Language = BASE;
let texts: Texts = english as Texts;
/** What is said only on pages that are loaded when they are opened; empty until the first of them is. */
let later: Texts = {};
let laterEnglish: Texts = {};
let isWanted = false;
/** Whether she reads easy words. Asked with each text, so that what is shown follows her switch. */
let easily = (): boolean => false;

export function getLocale(): Language {
  return now;
}

/** The tag for `Intl`: dates, times and numbers in her language. */
export function intlTag(): string {
  return LANGUAGES[now].tag;
}

export function nameOf(language: Language): string {
  return LANGUAGES[language].name;
}

/** Whether a translation still waits for a native reader. Korean and English are no translations. */
export function isUnreviewed(): boolean {
  return texts['$reviewer'] === null;
}

export function isRightToLeft(): boolean {
  return LANGUAGES[now].rtl;
}

/** Loads a language and speaks it from now on; returns false, and stays with the one before, where it cannot be had. */
export async function speak(language: Language): Promise<boolean> {
  try {
    const [first, more] = await Promise.all([LANGUAGES[language].load(), isWanted ? LANGUAGES[language].later() : later]);
    texts = first;
    later = more;
  } catch {
    return false;
  }
  now = language;
  return true;
}

/** Loads what the pages say that are loaded when they are opened, in her language, and in English for what lacks. */
export async function speakMore(): Promise<void> {
  const loaded = Promise.all([LANGUAGES[now].later(), LANGUAGES[BASE].later()]);
  // A language that she chooses meanwhile brings its own.
  isWanted = true;
  [later, laterEnglish] = await loaded;
}

/** The language among ours that a phone asks for first; the first of ours by its primary tag (any Chinese is ours). */
export function wanted(asked: readonly string[]): Language {
  const primary = (tag: string): string => tag.toLowerCase().split('-')[0]!;
  for (const tag of asked) {
    const found = languages.find((language) => primary(language) === primary(tag));
    if (found !== undefined) return found;
  }
  return BASE;
}

/** A value between right-to-left words keeps its own direction (Unicode: first strong isolate). */
function placed(value: string | number): string {
  return LANGUAGES[now].rtl ? `\u2068${value}\u2069` : String(value);
}

function formOf(text: Text, values: Values): string {
  if (typeof text === 'string') return text;
  const rule = new Intl.PluralRules(intlTag()).select(Number(Object.values(values)[0]));
  return text[rule] ?? text.other ?? '';
}

export function speakEasilyWhen(wanted: () => boolean): void {
  easily = wanted;
}

/** A text has a twin in easy words where the full one is long or hard: `plain_` and its name. */
function say(key: string, values: Values = {}): string {
  const plain = easily() ? later[`plain_${key}`] : null;
  const text = plain ?? texts[key] ?? later[key] ?? (english as Texts)[key] ?? laterEnglish[key];
  if (text == null) return '';
  return formOf(text, values).replace(/\{(\w+)\}/g, (_, name: string) => placed(values[name] ?? ''));
}

export const m = new Proxy({} as typeof written, { get: (_, key: string) => (values?: Values) => say(key, values) });
