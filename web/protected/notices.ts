/** Notices on this phone: pushed while the page is closed, and the word of how far each came. */

/** Tell the server how far a notice came. A word that is lost costs nothing: the next channel takes its turn. */
export async function receipt(key: string, step: 'delivered' | 'shown' | 'seen'): Promise<void> {
  try {
    await fetch('/api/receipts', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key, step }), keepalive: true });
  } catch {
    // The line's own state says what is wrong.
  }
}

/** A notice on the line: she sees it where the page is in front; otherwise the phone has it, and no more. */
export function noticed(notice: { key: string }): void {
  void receipt(notice.key, document.visibilityState === 'visible' ? 'shown' : 'delivered');
}

export type PushState = 'none' | 'off' | 'on' | 'denied';

export async function pushState(key: string | null): Promise<PushState> {
  if (key === null || !('serviceWorker' in navigator) || !('PushManager' in window)) return 'none';
  if (Notification.permission === 'denied') return 'denied';
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) == null ? 'off' : 'on';
}

/** Ask for permission, subscribe, and tell the server where. */
export async function startPush(key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const answer = await fetch('/api/push', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(subscription) });
  if (answer.ok) return 'on';
  await subscription.unsubscribe();
  return 'off';
}

/** Stop it here and at the server. Without a line the browser still forgets it, and the push service says so. */
export async function stopPush(): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration();
  const subscription = await worker?.pushManager?.getSubscription();
  if (subscription == null) return;
  await subscription.unsubscribe();
  try {
    await fetch('/api/push', { method: 'DELETE', keepalive: true });
  } catch {
    // See above.
  }
}

/** Ask for a test notice on this phone; returns whether one is on its way. */
export async function testPush(): Promise<boolean> {
  try {
    return (await fetch('/api/push/test', { method: 'POST' })).ok;
  } catch {
    return false;
  }
}
