// Keeps the page's shell, so that it opens without a line and says at once that there is none. Never an answer of the
// server's, never a position, never a map tile: a phone in the wrong hands must tell nothing. The build fills in what stands
// between the percent signs.
const SHELL = 'shell-%MARK%';
const FILES = '%FILES%';
// Which file holds the texts of which language; the one she reads is kept too, and a new version fetches its own before it takes over.
const TEXTS = '%TEXTS%';
const CHOSEN = 'chosen';
const PAGES = /^\/$|^\/(notes|lists|recipes)[-\w]*\.html$/;
const EXIT = '/notes.html';
const KEPT = /^\/assets\/.+|^\/icon.*\.(svg|png)$|^\/app-[-\w]+\.webmanifest$/;

async function keepAll() {
  const chosen = await (await caches.match('/language', { cacheName: CHOSEN }))?.text();
  const cache = await caches.open(SHELL);
  await cache.addAll(chosen in TEXTS ? [...FILES, TEXTS[chosen]] : FILES);
  await self.skipWaiting();
}

self.addEventListener('install', (event) => event.waitUntil(keepAll()));

async function keepLanguage(language) {
  await (await caches.open(CHOSEN)).put('/language', new Response(language));
  if (language in TEXTS && !(await caches.match(TEXTS[language]))) await (await caches.open(SHELL)).add(TEXTS[language]);
}

// The neutral name that she chose: its picture stands beside notices, and its page opens without a line.
async function keepGuise({ exit, icon }) {
  await (await caches.open(CHOSEN)).put('/guise', new Response(icon));
  const missing = [];
  for (const file of [exit, icon]) if (!(await caches.match(file))) missing.push(file);
  await (await caches.open(SHELL)).addAll(missing);
}

async function picture() {
  return (await (await caches.match('/guise', { cacheName: CHOSEN }))?.text()) ?? '/icon-192.png';
}

self.addEventListener('message', (event) => {
  if (typeof event.data?.guise === 'string' && PAGES.test(event.data.exit) && KEPT.test(event.data.icon)) event.waitUntil(keepGuise(event.data));
  if (typeof event.data?.language === 'string') event.waitUntil(keepLanguage(event.data.language));
});

self.addEventListener('activate', (event) => {
  const forget = caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL && name !== CHOSEN).map((name) => caches.delete(name))));
  event.waitUntil(forget.then(() => self.clients.claim()));
});

/** The page itself, or the harmless one that takes its place: the server's if it answers, otherwise the one that was kept with its parts. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const { pathname } = new URL(request.url);
    const kept = (await caches.match(pathname)) ?? (pathname === '/' ? undefined : await caches.match(EXIT));
    if (kept) return kept;
    throw error;
  }
}

async function part(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(SHELL)).put(request, answer.clone());
  return answer;
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate' && PAGES.test(url.pathname)) event.respondWith(page(event.request));
  else if (KEPT.test(url.pathname)) event.respondWith(part(event.request));
});

// A notice while the page is closed. What stands on a locked screen is read by whoever is near: the server's words say only to look.
async function tell(key, step) {
  try {
    await fetch('/api/receipts', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key, step }) });
  } catch {
    // Without this word the server tries the next channel, which is right.
  }
}

async function show(notice) {
  if (notice.ends) {
    for (const old of await self.registration.getNotifications({ tag: notice.tag })) old.close();
  }
  // A browser insists on showing something; what is too old makes no sound and gets no receipt, for it was not shown in time.
  const late = Date.now() >= notice.until_ms;
  await self.registration.showNotification(notice.title, {
    body: notice.text,
    lang: notice.lang,
    tag: notice.tag,
    icon: await picture(),
    renotify: !late,
    silent: late,
    requireInteraction: notice.urgent && !late,
    data: { key: notice.key },
  });
  if (!late) await tell(notice.key, 'shown');
}

self.addEventListener('push', (event) => {
  if (event.data !== null) event.waitUntil(show(event.data.json()));
});

async function open() {
  const pages = await self.clients.matchAll({ type: 'window' });
  const page = pages.find((one) => new URL(one.url).pathname === '/');
  return page ? page.focus() : self.clients.openWindow('/');
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(Promise.all([open(), tell(event.notification.data.key, 'seen')]));
});
