/** Notices to whoever sits here: shown over every view, and said to have been shown, so that no other channel takes its turn. */
export interface StaffNotice {
  key: string;
  topic: string;
  title: string;
  text: string;
  lang: string;
  until_ms: number;
  drill: boolean;
}

const MOST = 4;
const SUPERVISOR = 'supervisor';

async function receipt(key: string, step: 'shown' | 'seen'): Promise<void> {
  try {
    await fetch('/api/receipts', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key, step }), keepalive: true });
  } catch {
    // A word that is lost costs nothing: the next channel takes its turn.
  }
}

/** Whether a notice is for whoever sits here: what the police are told is not. */
export function isOurs(notice: StaffNotice, me: string | null): boolean {
  const to = notice.topic.split(' ')[1];
  return to === SUPERVISOR || (me !== null && to === me);
}

export class StaffNotices {
  shown = $state.raw<StaffNotice[]>([]);

  take(notice: StaffNotice, me: string | null): void {
    if (!isOurs(notice, me)) return;
    // The newest of a topic takes the place of the one before; one of each key.
    this.shown = [notice, ...this.shown.filter((one) => one.topic !== notice.topic && one.key !== notice.key)].slice(0, MOST);
    if (document.visibilityState === 'visible') void receipt(notice.key, 'shown');
  }

  put(key: string): void {
    this.shown = this.shown.filter((one) => one.key !== key);
    void receipt(key, 'seen');
  }
}
