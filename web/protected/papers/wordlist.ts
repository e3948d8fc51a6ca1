/** Words of which her secret is made: 256 short, common ones in each of her languages, so that each is eight bits. Loaded when they are needed. */
import type { Language } from '../texts';

const one = (list: Promise<{ default: string[] }>): Promise<readonly string[]> => list.then((module) => module.default);

export const WORDS: Record<Language, () => Promise<readonly string[]>> = {
  ko: () => one(import('./wordlists/ko.json')),
  en: () => one(import('./wordlists/en.json')),
  'zh-Hans': () => one(import('./wordlists/zh-Hans.json')),
  vi: () => one(import('./wordlists/vi.json')),
  th: () => one(import('./wordlists/th.json')),
  ja: () => one(import('./wordlists/ja.json')),
  ru: () => one(import('./wordlists/ru.json')),
  es: () => one(import('./wordlists/es.json')),
  fr: () => one(import('./wordlists/fr.json')),
  ar: () => one(import('./wordlists/ar.json')),
};
