/** Quick exit: the session ends, everything on the phone is forgotten, and a harmless page takes this one's place. */
export async function leave(): Promise<void> {
  const ending = fetch('/api/session', { method: 'DELETE', keepalive: true }).catch(() => null);
  localStorage.clear();
  sessionStorage.clear();
  // The page goes first, whatever the network does.
  document.body.replaceChildren();
  await Promise.race([ending, new Promise((done) => setTimeout(done, 300))]);
  if ('caches' in globalThis) for (const name of await caches.keys()) await caches.delete(name);
  location.replace('/notes.html');
}
