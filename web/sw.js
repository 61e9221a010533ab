/*
 * Lets the page start without a network. The server writes above this what the files of its version are:
 * `FILES`, the entity tag of each by its path, and `VERSION`, which stands for all of them.
 *
 * While the server answers, it is asked each time, so that nobody is shown an old version; what the API answers
 * is never kept. What is kept is of one version as a whole.
 */

/** @type {Record<string, string>} */
const files = /** @type {any} */ (globalThis).FILES;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const ROOT = new URL('./', worker.location.href);
const OURS = `mysms${ROOT.pathname}shell `;
const NAME = OURS + /** @type {any} */ (globalThis).VERSION;

/** The server is of another version, so ours goes with none of its files. */
let isOld = false;

/** @param {string} url @returns {string | null} the path of a file of ours */
function pathOf(url) {
  const { origin, pathname } = new URL(url);
  if (origin !== ROOT.origin || !pathname.startsWith(ROOT.pathname)) return null;
  const path = pathname.slice(ROOT.pathname.length);
  return Object.hasOwn(files, path) ? path : null;
}

/** Fetches a file for good, if it is of this version. @param {Cache} cache @param {string} path */
async function keep(cache, path) {
  const answer = await fetch(new URL(path, ROOT), { cache: 'no-cache' });
  if (!answer.ok || answer.headers.get('ETag') !== files[path]) throw new Error(`${path} is not of this version`);
  await cache.put(new URL(path, ROOT), answer);
}

async function install() {
  const cache = await caches.open(NAME);
  await Promise.all(Object.keys(files).map((path) => keep(cache, path)));
  await worker.skipWaiting();
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== NAME).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request} request @param {string} path @returns {Promise<Response>} */
async function answer(request, path) {
  try {
    const fresh = await fetch(request);
    isOld = fresh.ok && fresh.headers.get('ETag') !== files[path];
    return fresh;
  } catch (error) {
    const kept = await (await caches.open(NAME)).match(new URL(path, ROOT));
    // A page that begins here has all of its files from here.
    if (request.mode === 'navigate') isOld = false;
    if (!kept || isOld) throw error;
    return kept;
  }
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(tidy()));
worker.addEventListener('fetch', (event) => {
  const path = event.request.method === 'GET' ? pathOf(event.request.url) : null;
  if (path !== null) event.respondWith(answer(event.request, path));
});
