/** Keeps the screen on during an alarm, and always if she wants it. The phone takes the lock away whenever the page is hidden. */
import { keep, kept } from './memory';

const KEY = 'awake';

export function wantsAwake(): boolean {
  return kept(KEY) !== null;
}

export function wantAwake(on: boolean): void {
  keep(KEY, on ? 'yes' : null);
}

export class Awake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;
  private busy: Promise<void> = Promise.resolve();

  /** Ask for what is wanted; call it again when the page is shown again. */
  set(wanted: boolean): void {
    this.wanted = wanted;
    this.busy = this.busy.then(() => this.settle()).catch(() => undefined);
  }

  private async settle(): Promise<void> {
    if (this.wanted && this.lock === null && document.visibilityState === 'visible') {
      // A phone may refuse (low battery): the alarm sounds all the same.
      const lock = await navigator.wakeLock?.request('screen');
      lock?.addEventListener('release', () => (this.lock = null));
      this.lock = lock ?? null;
    } else if (!this.wanted && this.lock !== null) {
      const lock = this.lock;
      this.lock = null;
      await lock.release();
    }
  }
}
