/**
 * What a stranger sees of the app: one of a few neutral names and pictures, and the harmless page of the quick exit. An icon on the home
 * screen brings its choice in the address it opens, so that it stays what it is when everything on the phone was forgotten.
 */
import { keep, kept } from './memory';
import { getLocale, m } from './texts';

export const GUISES = ['notes', 'lists', 'recipes'] as const;
export type Guise = (typeof GUISES)[number];

const KEY = 'guise';
const FIRST: Guise = 'notes';
const NAMES: Record<Guise, () => string> = { notes: m.guise_notes, lists: m.guise_lists, recipes: m.guise_recipes };

const known = (name: string | null): Guise | undefined => GUISES.find((guise) => guise === name);

export function guise(): Guise {
  return known(kept(KEY)) ?? known(new URLSearchParams(location.search).get('as')) ?? FIRST;
}

export const nameOfGuise = (one: Guise): string => NAMES[one]();
export const iconOf = (one: Guise): string => `/icon${one === FIRST ? '' : `-${one}`}.svg`;
export const picturesOf = (one: Guise): string => `/icon${one === FIRST ? '' : `-${one}`}-192.png`;

/** The page that takes this one's place when she leaves. */
export function exitPage(): string {
  return `/${guise()}${getLocale() === 'en' ? '' : `-${getLocale()}`}.html`;
}

function point(rel: string, href: string): void {
  document.querySelector(`link[rel="${rel}"]`)?.setAttribute('href', href);
}

/** Puts name and picture on: the title, the icons, and what is installed from now on. The worker keeps what it needs without a line. */
export function wear(): void {
  const one = guise();
  document.title = nameOfGuise(one);
  point('manifest', `/app-${one}-${getLocale()}.webmanifest`);
  point('icon', iconOf(one));
  point('apple-touch-icon', picturesOf(one));
  navigator.serviceWorker?.controller?.postMessage({ guise: one, exit: exitPage(), icon: picturesOf(one) });
}

export function choose(one: Guise): void {
  keep(KEY, one);
  wear();
}
