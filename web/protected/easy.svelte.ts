/** Easy-read mode: short words, pictures beside them, one thing at a time. A switch of this phone. */
import { keep, kept } from './memory';
import { speakEasilyWhen, speakMore } from './texts';

const KEY = 'easy';
const RETRY_MS = 10_000;

class Easy {
  on = $state(kept(KEY) !== null);
  /** The words are loaded when they are wanted; until then, and without a line, the full ones stand. */
  private loaded = $state(false);

  constructor() {
    speakEasilyWhen(() => this.on && this.loaded);
    this.load();
  }

  choose(on: boolean): void {
    this.on = on;
    keep(KEY, on ? 'yes' : null);
    this.load();
  }

  private load(): void {
    if (!this.on || this.loaded) return;
    const again = (): unknown => setTimeout(() => this.load(), RETRY_MS);
    void speakMore().then(() => (this.loaded = true), again);
  }
}

export const easy = new Easy();
