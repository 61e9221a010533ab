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
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.place));
});

/** Shows a place, in a page that is open already if there is one. @param {string} place */
async function open(place) {
  const address = new URL(place, ROOT).href;
  const pages = await worker.clients.matchAll({ type: 'window' });
  const page = pages.find(({ url }) => new URL(url).pathname === ROOT.pathname);
  if (!page) return worker.clients.openWindow(address);
  await page.focus();
  return page.navigate(address);
}
