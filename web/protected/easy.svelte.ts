/** Easy-read mode: short words, pictures beside them, one thing at a time. A switch of this phone. */
import { keep, kept } from './memory';

const KEY = 'easy';

class Easy {
  on = $state(kept(KEY) !== null);

  choose(on: boolean): void {
    this.on = on;
    keep(KEY, on ? 'yes' : null);
  }
}

export const easy = new Easy();
