// What a stranger sees of her app, made from one data file (neutral.json), and the list of files that open it without a line.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const EXIT = '/notes.html';
const ICONS = [192, 512].map((size) => ({ src: `/icon-${size}.png`, sizes: `${size}x${size}`, type: 'image/png', purpose: 'any maskable' }));

/** Puts the neutral name where the page's source says `%NAME%`. */
export function neutralName(file) {
  const { name } = JSON.parse(readFileSync(file, 'utf8'));
  return { name: 'neutral-name', transformIndexHtml: (html) => html.replaceAll('%NAME%', escaped(name)) };
}

function manifest({ name, ground }) {
  return { name, short_name: name, start_url: '/', scope: '/', display: 'standalone', background_color: ground, theme_color: ground, icons: ICONS };
}

function exitPage({ name, lines }) {
  const items = lines.map((line) => `      <li>${escaped(line)}</li>`).join('\n');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(name)}</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
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

/** Writes the harmless page that takes the place of one that is left in haste. */
export function exit(folder, neutralFile) {
  writeFileSync(join(folder, EXIT), exitPage(JSON.parse(readFileSync(neutralFile, 'utf8'))));
}

export function shell(folder, neutralFile) {
  const neutral = JSON.parse(readFileSync(neutralFile, 'utf8'));
  writeFileSync(join(folder, 'app.webmanifest'), JSON.stringify(manifest(neutral)));
  exit(folder, neutralFile);
  fillWorker(folder);
}
