import { getPush, putPush, stopPush } from '../api/account.js';
import { address, named } from '../lib/base.js';
import { conversationPlace } from '../lib/router.js';
import { inBrowser } from '../lib/storage.js';
import { words } from '../lib/words.js';
import { closeAll } from './notify.js';

export { closeRead, notify } from './notify.js';

/*
 * Has the browser told of what comes in although no page is open: by the push service of its maker, and by our
 * service worker (`sw.js`). It is asked for at each start, because a login has one such browser, and the push service
 * may give it another address.
 */

/** Whose texts the browser is told of. @returns {string | null} */
const toldOf = () => inBrowser.recall('push');

/** @param {string} user @param {boolean} withText whether it is told what was written, too @returns {Promise<boolean>} whether it is told */
export async function startPush(user, withText) {
  const manager = await pushManager();
  if (!manager) return false;
  // The server may go on telling the old address of the texts of whoever was here before.
  if (toldOf() !== user) await leavePush();
  await leaveWords();
  inBrowser.remember('push', user);
  const subscription = (await manager.getSubscription()) ?? (await subscribe(manager));
  const { endpoint, keys } = subscription.toJSON();
  await putPush({ endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' }, with_text: withText });
  return true;
}

export async function endPush() {
  const wasTold = toldOf() !== null;
  await leavePush();
  if (wasTold) await stopPush();
}

/** The browser takes nothing more of what it is told, whatever the server knows, and shows nothing of it any more. */
export async function leavePush() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await closeAll();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  inBrowser.remember('push', null);
}

/** @returns {Promise<PushManager | undefined>} none where there is no service worker, or no push service */
const pushManager = async () => (await navigator.serviceWorker?.getRegistration())?.pushManager;

/** @param {PushManager} manager */
async function subscribe(manager) {
  const { public_key } = await getPush();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
}

/** Leaves for the service worker what it says in the language of this page, and where that leads. */
async function leaveWords() {
  const kept = await caches.open(named('notices'));
  const said = { news: words.notices.news, places: conversationPlace(''), tags: named('') };
  await kept.put(address('notices.json'), Response.json(said));
}
