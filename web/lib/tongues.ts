/** The languages of the pages of staff: their names, and the tag that dates and numbers follow, digits and years as on the court's papers. */
import { getLocale, locales, setLocale } from './paraglide/runtime.js';

interface Tongue {
  name: string;
  tag: string;
  rtl: boolean;
}

const TONGUES: Record<string, Tongue> = {
  en: { name: 'English', tag: 'en', rtl: false },
  ko: { name: '한국어', tag: 'ko', rtl: false },
  ar: { name: 'العربية', tag: 'ar-u-ca-gregory-nu-latn', rtl: true },
};
const tongue = (language: string): Tongue => TONGUES[language] ?? { name: language, tag: language, rtl: false };

export const nameOf = (language: string): string => tongue(language).name;
export const intlTag = (): string => tongue(getLocale()).tag;
export const directionOf = (language: string): 'rtl' | 'ltr' => (tongue(language).rtl ? 'rtl' : 'ltr');

/** The languages to change to, and the change; the page loads anew. */
export const others = (): { language: string; choose: () => void }[] =>
  locales.filter((locale) => locale !== getLocale()).map((locale) => ({ language: locale, choose: () => void setLocale(locale) }));
