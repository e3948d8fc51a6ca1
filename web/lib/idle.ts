/** Whether somebody is there. The server counts by what is told here, so a page that stops telling is locked all the same. */

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

export interface Presence {
  /** Lock now. */
  lock: () => Promise<void>;
  /** Begin to count anew: the screen was opened. */
  again: () => void;
  stop: () => void;
}

const tell = (path: string): Promise<Response> => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });

/** Tell the server of movement, at most so often, and lock after `afterS` seconds without any; 0: only when asked. */
export function presence(afterS: number, locked: () => void): Presence {
  const everyMs = Math.min(30_000, afterS * 250);
  let told = Date.now();
  let moved = Date.now();
  let over = false;

  async function lock(): Promise<void> {
    over = true;
    locked();
    // Where this does not arrive, the server has counted for itself.
    await tell('/api/lock').catch(() => undefined);
  }

  function sign(): void {
    if (over) return;
    moved = Date.now();
    if (moved - told < everyMs) return;
    told = moved;
    void tell('/api/moved')
      .then((answer) => {
        if (answer.status === 423 && !over) {
          over = true;
          locked();
        }
      })
      .catch(() => undefined);
  }

  const counting = afterS > 0 ? setInterval(() => !over && Date.now() - moved >= afterS * 1_000 && void lock(), Math.min(1_000, everyMs)) : undefined;
  if (afterS > 0) for (const name of SIGNS) addEventListener(name, sign, { passive: true });

  return {
    lock,
    again: () => {
      over = false;
      told = moved = Date.now();
    },
    stop: () => {
      clearInterval(counting);
      for (const name of SIGNS) removeEventListener(name, sign);
    },
  };
}
