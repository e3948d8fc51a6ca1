// What a stranger sees of her app, made from one data file (neutral.json) and the names in her texts, and the list of files that open it without a line.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogues } from './texts.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
/** As the page has them: web/protected/guise.ts. */
const FIRST = 'notes';
const RIGHT_TO_LEFT = ['ar'];
const EXIT = `/${FIRST}.html`;
const icons = (guise) => {
  const name = guise === FIRST ? '/icon' : `/icon-${guise}`;
  return [192, 512].map((size) => ({ src: `${name}-${size}.png`, sizes: `${size}x${size}`, type: 'image/png', purpose: 'any maskable' }));
};

/** Puts the neutral name where the page's source says `%NAME%`. */
export function neutralName(messages) {
  const name = catalogues(messages).en[`guise_${FIRST}`];
  return { name: 'neutral-name', transformIndexHtml: (html) => html.replaceAll('%NAME%', escaped(name)) };
}

/** The address brings the choice along, and the id is one: another guise takes the place of the app, where a phone can do so. */
function manifest(guise, name, ground) {
  const start = guise === FIRST ? '/' : `/?as=${guise}`;
  return { id: '/', name, short_name: name, start_url: start, scope: '/', display: 'standalone', background_color: ground, theme_color: ground, icons: icons(guise) };
}

function exitPage(guise, language, name, lines) {
  const items = lines.map((line) => `      <li>${escaped(line)}</li>`).join('\n');
  const icon = guise === FIRST ? '/icon.svg' : `/icon-${guise}.svg`;
  return `<!doctype html>
<html lang="${language}" dir="${RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr'}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(name)}</title>
    <link rel="icon" href="${icon}" type="image/svg+xml" />
  </head>
  <body>
    <main>
    <h1>${escaped(name)}</h1>
    <ul>
${items}
    </ul>
    </main>
  </body>
</html>
`;
}

/** Which file holds which language. */
function texts(folder) {
  const found = readdirSync(join(folder, 'assets')).map((name) => [/^texts-(.+)-.{8}\.js$/.exec(name)?.[1], `/assets/${name}`]);
  return Object.fromEntries(found.filter(([language]) => language !== undefined));
}

/** Names the shell's files in the service worker; the name of its store changes with them, so that a new version takes over whole. */
function fillWorker(folder) {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
  const files = ['/', EXIT, ...new Set(parts)];
  const mark = createHash('sha256').update(page).update(readFileSync(join(folder, EXIT))).digest('hex').slice(0, 12);
  const worker = readFileSync(join(folder, 'sw.js'), 'utf8');
  const filled = worker.replace("'%FILES%'", JSON.stringify(files)).replace("'%TEXTS%'", JSON.stringify(texts(folder)));
  writeFileSync(join(folder, 'sw.js'), filled.replace('%MARK%', mark));
  console.log(`${files.length} files open the page without a line`);
}

/** What each guise is called in each language, and what stands on its exit page. */
function* dressed(neutralFile, messages) {
  const { ground, guises } = JSON.parse(readFileSync(neutralFile, 'utf8'));
  for (const [guise, lines] of Object.entries(guises)) {
    for (const [language, said] of Object.entries(catalogues(messages))) {
      yield { guise, language, ground, name: said[`guise_${guise}`], lines: lines[language] };
    }
  }
}

/** Writes the harmless pages that take the place of one that is left in haste. */
export function exits(folder, neutralFile, messages) {
  for (const { guise, language, name, lines } of dressed(neutralFile, messages)) {
    const page = language === 'en' ? guise : `${guise}-${language}`;
    writeFileSync(join(folder, `${page}.html`), exitPage(guise, language, name, lines));
  }
}

/** Each guise in each language: what is installed, and the page of the quick exit. */
export function shell(folder, neutralFile, messages) {
  exits(folder, neutralFile, messages);
  for (const { guise, language, name, ground } of dressed(neutralFile, messages)) {
    writeFileSync(join(folder, `app-${guise}-${language}.webmanifest`), JSON.stringify(manifest(guise, name, ground)));
  }
  fillWorker(folder);
}
