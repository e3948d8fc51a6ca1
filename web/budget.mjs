// What a page may weigh before its map: a frightened person may stand where the network is thin.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const MAP = /^(map|maplibre|pmtiles)/;

export function budget(folder, audience) {
  const assets = join(folder, 'assets');
  const scripts = readdirSync(assets).filter((name) => /\.m?js$/.test(name));
  const before = scripts.filter((name) => !MAP.test(name));
  const bytes = before.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
  console.log(`${audience}: ${(bytes / 1000).toFixed(1)} kB of script before the map (limit ${LIMIT_BYTES / 1000} kB, gzip)`);
  if (bytes > LIMIT_BYTES) {
    console.error(`The ${audience} page is heavier than it may be: ${before.join(', ')}`);
    process.exit(1);
  }
}
