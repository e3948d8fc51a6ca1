// What a page may weigh before its map, her papers, the replay of an incident, the office and copies for investigations, which are loaded when they are opened: a frightened person may stand where the network is thin.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const TEXTS = /^texts-.+-.{8}\.js$/;
const LATER = /^(map|maplibre|pmtiles|papers|replay|office|later|copies)/i;

export function budget(folder, audience) {
  const assets = join(folder, 'assets');
  const scripts = readdirSync(assets).filter((name) => /\.m?js$/.test(name));
  const weight = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
  // A phone loads one language: the heaviest counts.
  const languages = scripts.filter((name) => TEXTS.test(name)).map(weight);
  const before = scripts.filter((name) => !LATER.test(name) && !TEXTS.test(name));
  const bytes = before.map(weight).reduce((sum, one) => sum + one, Math.max(0, ...languages));
  console.log(`${audience}: ${(bytes / 1000).toFixed(1)} kB of script before the map and her papers (limit ${LIMIT_BYTES / 1000} kB, gzip)`);
  if (bytes > LIMIT_BYTES) {
    console.error(`The ${audience} page is heavier than it may be: ${before.join(', ')}`);
    process.exit(1);
  }
}
