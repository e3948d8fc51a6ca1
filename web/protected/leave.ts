/** Quick exit: a harmless page takes this one's place, the session ends, and everything on the phone is forgotten. */
import { exitPage } from './guise';
import { keep, kept } from './memory';
import { stopPush } from './notices';
import { forgetPlanKey } from './planstore';
import type { SosCall } from './sos.svelte';

const LEFT = 'left';
const PATIENCE_MS = 1_500;

/** Ends the session; returns whether the server did. */
async function endSession(): Promise<boolean> {
  try {
    return (await fetch('/api/session', { method: 'DELETE', keepalive: true })).status < 500;
  } catch {
    return false;
  }
}

async function forget(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  await forgetPlanKey();
  if ('caches' in globalThis) for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}

/** A call for help that is on its way still goes first: leaving must not silence it. */
async function finish(sos: SosCall | null): Promise<void> {
  keep(LEFT, 'yes');
  const sent = (await sos?.flush()) ?? true;
  await stopPush().catch(() => null);
  if (sent && (await endSession())) await forget();
}

export async function leave(sos: SosCall | null): Promise<void> {
  const page = exitPage();
  // What can be seen goes first, whatever the network does.
  document.body.replaceChildren();
  await Promise.race([finish(sos).catch(() => null), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  location.replace(page);
}

/** Whether she left while there was no line: the session could not end then and must not be shown now. */
export function hasLeft(): boolean {
  return kept(LEFT) !== null;
}

/** Ends what could not be ended when she left. Resolves once it is over. */
export async function finishLeaving(sos: SosCall): Promise<void> {
  while (!((await sos.flush()) && (await endSession()))) await new Promise((done) => setTimeout(done, PATIENCE_MS));
  await forget();
}
