/** The court's words for what its server says. */
import { getLocale } from '../lib/paraglide/runtime.js';
import type { Texts } from './model';

/** A text of the form in the page's language, or in any that there is. */
export const said = (texts: Texts, fallback = ''): string => texts[getLocale()] ?? Object.values(texts)[0] ?? fallback;
