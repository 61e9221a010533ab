/*
 * Lets the page start without a network, and at once. What is built writes above this what its version is:
 * `VERSION`, which changes with any file, and `FILES`, the paths of all, of which `''` is the page.
 *
 * What is kept is of one version as a whole, and nothing that the API answers. A page that was begun from here asks
 * the server whether it is of another version by now, and is loaded again if it is (`main.js`): what is asked for
 * anew comes from the server.
 */

/** @type {string[]} */
const files = /** @type {any} */ (globalThis).FILES;
const version = /** @type {string} */ (/** @type {any} */ (globalThis).VERSION);
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const ROOT = new URL('./', worker.location.href);
const OURS = `mysms${ROOT.pathname}shell `;
const NAME = OURS + version;

/** Fetches a file for good. @param {Cache} cache @param {string} path */
async function keep(cache, path) {
  const url = new URL(path, ROOT);
  const answer = await fetch(url, path ? {} : { cache: 'no-cache' });
  const isOurs = answer.ok && (path || (await answer.clone().text()).includes(`web/${version}/`));
  if (!isOurs) throw new Error(`${path} is not of this version`);
  await cache.put(url, answer);
}

async function install() {
  const cache = await caches.open(NAME);
  await Promise.all(files.map((path) => keep(cache, path)));
  await worker.skipWaiting();
}

/** Forgets all versions but this one and the one before it, of which pages may be open still. */
async function tidy() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(OURS) && name !== NAME);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request} request */
async function page(request) {
  const kept = await (await caches.open(NAME)).match(ROOT);
  // Whoever loads it again wants what is there now.
  if (kept && request.cache !== 'no-cache' && request.cache !== 'reload') return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Its address says of which version it is. @param {Request} request */
const file = async (request) => (await caches.match(request.url)) ?? fetch(request);

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(tidy()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== ROOT.origin) return;
  if (pathname === ROOT.pathname) event.respondWith(page(request));
  else if (pathname.startsWith(`${ROOT.pathname}web/`)) event.respondWith(file(request));
});
worker.addEventListener('push', (event) => {
  if (event.data) event.waitUntil(notify(event.data.json()));
});
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.place));
});

/**
 * Tells the user of a text, unless they look at a page. A page has left here what that says in their language, and
 * where it leads (`model/push.js`).
 *
 * @param {{counterpart: string, name?: string, text?: string}} news
 */
async function notify({ counterpart, name, text }) {
  const pages = await worker.clients.matchAll({ type: 'window' });
  if (pages.some((page) => page.focused && isOurs(page))) return;
  const kept = await caches.match(new URL('notices.json', ROOT));
  const { news = '', places = '#/', tags = '' } = kept ? await kept.json() : {};
  await worker.registration.showNotification(name ?? counterpart, {
    body: text ?? news,
    icon: new URL(`web/${version}/icon.svg`, ROOT).href,
    // As the page's own, whose place it takes.
    tag: tags + counterpart,
    data: { place: places + encodeURIComponent(counterpart) },
  });
}

/** @param {WindowClient} page */
const isOurs = ({ url }) => new URL(url).pathname === ROOT.pathname;

/** Shows a place, in a page that is open already if there is one. @param {string} place */
async function open(place) {
  const address = new URL(place, ROOT).href;
  const pages = await worker.clients.matchAll({ type: 'window' });
  const page = pages.find(isOurs);
  if (!page) return worker.clients.openWindow(address);
  await page.focus();
  return page.navigate(address);
}
