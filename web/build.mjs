// Builds each audience by itself: its own files, nothing shared with another's at run time.
import { compile } from '@inlang/paraglide-js';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { budget } from './budget.mjs';
import { neutralName, shell } from './shell.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const audiences = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['protected', 'desk'];

await compile({
  project: here('./project.inlang'),
  outdir: here('./lib/paraglide'),
  strategy: ['localStorage', 'preferredLanguage', 'baseLocale'],
  emitGitIgnore: false,
});

for (const audience of audiences) {
  const neutral = here(`./${audience}/neutral.json`);
  const disguised = existsSync(neutral);
  await build({
    root: here(`./${audience}`),
    configFile: false,
    logLevel: 'warn',
    publicDir: here(`./${audience}/public`),
    plugins: [svelte({ preprocess: vitePreprocess(), configFile: false }), ...(disguised ? [neutralName(neutral)] : [])],
    // The strict content security policy knows no `data:` scripts and no inline styles.
    build: {
      outDir: here(`../src/jikimi/apps/static/${audience}`),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1200,
      reportCompressedSize: false,
    },
  });
  if (disguised) shell(here(`../src/jikimi/apps/static/${audience}`), neutral);
  budget(here(`../src/jikimi/apps/static/${audience}`), audience);
}
