// Her texts in ten languages: one small file a language with what her page uses and nothing else, so that a phone loads one of them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USED = /\bm\.([a-z0-9_]+)/g;
const PRINTED = /^(leaflet|first|check|her)_|^language_unreviewed$/;
const WITH_STAFF = ['en', 'ko'];

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Every key that the sources of a page name. */
export function usedBy(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts'));
  return new Set(files.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(USED)].map((match) => match[1])));
}

/** Each language's texts: Korean and English stand with those of the staff's pages, the others by themselves. */
export function catalogues(messages) {
  const shared = WITH_STAFF.map((language) => [language, json(join(messages, `${language}.json`))]);
  const others = readdirSync(join(messages, 'her')).map((name) => json(join(messages, 'her', name)));
  return Object.fromEntries([...shared, ...others.map(({ language, texts, reviewer }) => [language, { ...texts, $reviewer: reviewer }])]);
}

function kept(texts, keys) {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => keys(key) || key === '$reviewer'));
}

/** Writes what her page loads, and what is printed for her and for offices. */
export function writeTexts(messages, pages, loaded, printed) {
  const used = new Set(pages.flatMap((page) => [...usedBy(page)]));
  for (const [folder, keys] of [[loaded, (key) => used.has(key)], [printed, (key) => PRINTED.test(key)]]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [language, texts] of Object.entries(catalogues(messages))) {
      writeFileSync(join(folder, `${language}.json`), JSON.stringify(kept(texts, keys)));
    }
  }
}
