/** The language of the page: changed without loading it anew, so that sound and line stay as they are. */
import { getLocale, setLocale, type Locale } from '../lib/paraglide/runtime.js';

class Language {
  now = $state<Locale>(getLocale());

  choose(locale: Locale): void {
    void setLocale(locale, { reload: false });
    this.now = locale;
    document.documentElement.lang = locale;
  }
}

export const language = new Language();
document.documentElement.lang = language.now;
