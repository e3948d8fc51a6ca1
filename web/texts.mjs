// Her texts in ten languages: one small file a language with what her page uses and nothing else, so that a phone loads one of them; and
// beside it one with what is said only on pages that are loaded when they are opened.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USED = /\bm\.([a-z0-9_]+)/g;
const PRINTED = /^(leaflet|first|check|her)_|^(language_unreviewed|report_why|drill_why)$/;
/** Folders of what is loaded when she opens it. */
const LATER = /^(papers|more)\//;
/** A text's twin in easy words. */
const PLAIN = 'plain_';
const WITH_STAFF = ['en', 'ko'];

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Every key that the sources of a page name. */
export function usedBy(folder, which = () => true) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts') && which(name));
  return new Set(files.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(USED)].map((match) => match[1])));
}

/** Each language's texts: Korean and English stand with those of the staff's pages, the others by themselves. */
export function catalogues(messages) {
  const shared = WITH_STAFF.map((language) => [language, json(join(messages, `${language}.json`))]);
  const others = readdirSync(join(messages, 'her')).map((name) => json(join(messages, 'her', name)));
  return Object.fromEntries([...shared, ...others.map(({ language, texts, reviewer }) => [language, { ...texts, $reviewer: reviewer }])]);
}

/** A value between right-to-left words keeps its own direction (Unicode: first strong isolate). */
const apart = (text) => text.replace(/\{\w+\}/g, '\u2068$&\u2069');

/** What the court's page alone speaks, as the compiler reads it, and which of it no native reader has read. Only right-to-left so far. */
export function writeCourt(messages, to) {
  mkdirSync(to, { recursive: true });
  const found = readdirSync(join(messages, 'court')).map((name) => json(join(messages, 'court', name)));
  for (const { language, texts } of found) {
    writeFileSync(join(to, `${language}.json`), JSON.stringify(Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, apart(text)]))));
  }
  writeFileSync(join(to, 'unreviewed.json'), JSON.stringify(found.filter(({ reviewer }) => reviewer === null).map(({ language }) => language)));
}

function kept(texts, keys) {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => keys(key) || key === '$reviewer'));
}

/** Writes what her page loads at first and later, and what is printed for her and for offices. */
export function writeTexts(messages, pages, loaded, printed) {
  const used = new Set(pages.flatMap((page) => [...usedBy(page)]));
  const first = usedBy(pages[0], (name) => !LATER.test(name));
  rmSync(loaded, { recursive: true, force: true });
  rmSync(printed, { recursive: true, force: true });
  // What has a twin in easy words is read by whoever wants them, and loaded then.
  const later = (key) => (key.startsWith(PLAIN) ? used.has(key.slice(PLAIN.length)) : used.has(key) && !first.has(key));
  for (const [folder, keys] of [[loaded, (key) => first.has(key)], [join(loaded, 'later'), later], [printed, (key) => PRINTED.test(key)]]) {
    mkdirSync(folder, { recursive: true });
    for (const [language, texts] of Object.entries(catalogues(messages))) {
      writeFileSync(join(folder, `${language}.json`), JSON.stringify(kept(texts, keys)));
    }
  }
}
