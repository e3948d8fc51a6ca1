/** The language of the page: changed without loading it anew, so that sound and line stay as they are. */
import { wear } from './guise';
import { keep, kept } from './memory';
import { getLocale, isRightToLeft, languages, speak, wanted, type Language as Tongue } from './texts';

const KEY = 'language';

/** Has the worker keep the chosen language with the page, so that it opens without a line, and the neutral name in it. */
function keepOffline(): void {
  navigator.serviceWorker?.controller?.postMessage({ language: getLocale() });
  wear();
}

class Language {
  now = $state<Tongue>(getLocale());

  /** What she chose before, or what her phone is set to. Resolves when the page can be shown, in English where it cannot be loaded. */
  async begin(): Promise<void> {
    const before = languages.find((language) => language === kept(KEY));
    await this.take(before ?? wanted(navigator.languages));
    navigator.serviceWorker?.addEventListener('controllerchange', keepOffline);
  }

  async choose(language: Tongue): Promise<void> {
    if (await this.take(language)) {
      keep(KEY, language);
      this.told();
    }
  }

  /** The server's notices follow. A word that is lost is said again with the next look at who is signed in. */
  told(): void {
    const headers = { 'Content-Type': 'application/json' };
    void fetch('/api/language', { method: 'POST', headers, body: JSON.stringify({ language: this.now }) }).catch(() => null);
  }

  private async take(language: Tongue): Promise<boolean> {
    const taken = await speak(language);
    this.now = getLocale();
    document.documentElement.lang = this.now;
    document.documentElement.dir = isRightToLeft() ? 'rtl' : 'ltr';
    keepOffline();
    return taken;
  }
}

export const language = new Language();
