// Builds each audience by itself: its own files, nothing shared with another's at run time.
import { compile } from '@inlang/paraglide-js';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { budget } from './budget.mjs';
import { exits, neutralName, shell } from './shell.mjs';
import { writeCourt, writeTexts } from './texts.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const audiences = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['protected', 'desk', 'field', 'oversight', 'helper', 'court'];

writeTexts(here('./messages'), [here('./protected'), here('./helper')], here('./lib/texts'), here('../src/jikimi/learning/texts'));
writeCourt(here('./messages'), here('./lib/texts/court'));

const compiled = (project, outdir) => compile({ project, outdir, strategy: ['localStorage', 'preferredLanguage', 'baseLocale'], emitGitIgnore: false });
await compiled(here('./project.inlang'), here('./lib/paraglide'));
await compiled(here('./court.inlang'), here('./court/paraglide'));

/** The court's page, and what it shares with others, speaks a language more than they do. */
const courtSpeaks = {
  name: 'jikimi-court-speaks',
  enforce: 'pre',
  resolveId: (source) => (/\/paraglide\/(messages|runtime)\.js$/.test(source) && !source.startsWith('/') ? here(`./court/paraglide/${source.split('/').pop()}`) : null),
};

/** A language's texts are told by their name from what every phone loads, and so is what is loaded when it is opened. */
const IN = [
  [/\/lib\/texts\/later\//, 'assets/later-texts-[name]-[hash].js'],
  [/\/lib\/texts\//, 'assets/texts-[name]-[hash].js'],
  [/\/protected\/(more|papers)\/|\/lib\/passkey/, 'assets/later-[name]-[hash].js'],
];
const chunkNames = ({ moduleIds = [] }) => {
  const own = moduleIds.filter((id) => !id.startsWith('\0'));
  return IN.find(([path]) => own.length > 0 && own.every((id) => path.test(id)))?.[1] ?? 'assets/[name]-[hash].js';
};

for (const audience of audiences) {
  const own = here(`./${audience}/neutral.json`);
  // Who helps her may hold her phone, or one that he looks at: the page has the neutral name, and a way out, as hers has.
  const neutral = audience === 'helper' ? here('./protected/neutral.json') : own;
  const disguised = existsSync(neutral);
  await build({
    root: here(`./${audience}`),
    configFile: false,
    logLevel: 'warn',
    publicDir: here(`./${audience}/public`),
    plugins: [
      svelte({ preprocess: vitePreprocess(), configFile: false }),
      ...(disguised ? [neutralName(here('./messages'))] : []),
      ...(audience === 'court' ? [courtSpeaks] : []),
    ],
    // The strict content security policy knows no `data:` scripts and no inline styles.
    build: {
      outDir: here(`../src/jikimi/apps/static/${audience}`),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1200,
      reportCompressedSize: false,
      rolldownOptions: { output: { chunkFileNames: chunkNames } },
    },
  });
  const built = here(`../src/jikimi/apps/static/${audience}`);
  if (existsSync(own)) shell(built, own, here('./messages'));
  else if (disguised) exits(built, neutral, here('./messages'));
  budget(built, audience);
}

// What petitions are printed in: the server has no other fonts with these scripts.
const fonts = here('../src/jikimi/petitions/fonts');
mkdirSync(fonts, { recursive: true });
for (const file of [
  '@embedpdf/fonts-kr/fonts/NotoSansKR-Regular.otf',
  '@embedpdf/fonts-kr/fonts/NotoSansKR-Bold.otf',
  '@embedpdf/fonts-kr/LICENSE',
  '@embedpdf/fonts-sc/fonts/NotoSansHans-Regular.otf',
  '@embedpdf/fonts-sc/fonts/NotoSansHans-Bold.otf',
  '@embedpdf/fonts-jp/fonts/NotoSansJP-Regular.otf',
  '@embedpdf/fonts-jp/fonts/NotoSansJP-Bold.otf',
  '@embedpdf/fonts-latin/fonts/NotoSans-Regular.ttf',
  '@embedpdf/fonts-latin/fonts/NotoSans-Bold.ttf',
  '@embedpdf/fonts-arabic/fonts/NotoNaskhArabic-Regular.ttf',
  '@embedpdf/fonts-arabic/fonts/NotoNaskhArabic-Bold.ttf',
  '@expo-google-fonts/noto-sans-thai/400Regular/NotoSansThai_400Regular.ttf',
  '@expo-google-fonts/noto-sans-thai/700Bold/NotoSansThai_700Bold.ttf',
]) {
  copyFileSync(here(`./node_modules/${file}`), `${fonts}/${file.split('/').pop()}`);
}
