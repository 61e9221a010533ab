import { fileAddress, named } from '../lib/base.js';
import { conversationPlace, go } from '../lib/router.js';
import { words } from '../lib/words.js';
import { formatNumber } from './number.js';
import { said } from './wording.js';

/** @import { Message } from '../api/types.js' */

/*
 * Shows notifications of the system, and closes them. They are the service worker's, wherever there is one: the browser
 * keeps those of pages apart, so that none takes the place of one that the service worker has shown (`sw.js`), and no
 * other page could close it.
 */

/** So much of a text is shown. */
const LONGEST = 160;

/** What this page has shown by itself. @type {Map<string, Notification>} */
const own = new Map();

/** @returns {Promise<ServiceWorkerRegistration | undefined>} if it can show something */
async function worker() {
  const registration = await navigator.serviceWorker?.getRegistration();
  return registration?.active ? registration : undefined;
}

/** Tells the user of a text. The next one of a conversation takes the place of the last. @param {Message} message @param {string | null | undefined} name @param {boolean} withText */
export async function notify(message, name, withText) {
  const { counterpart } = message;
  const text = withText ? said(message) : words.notices.news;
  const title = name || formatNumber(counterpart);
  const options = {
    body: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
    icon: fileAddress('icon.svg'),
    tag: named(counterpart),
    data: { place: conversationPlace(counterpart) },
  };
  const registration = await worker();
  if (registration) await registration.showNotification(title, options);
  else showOwn(counterpart, title, options);
}

/** @param {string} number @param {string} title @param {NotificationOptions} options */
function showOwn(number, title, options) {
  const notice = new Notification(title, options);
  own.set(number, notice);
  notice.onclick = () => {
    window.focus();
    go(conversationPlace(number));
    notice.close();
  };
}

/** What was read, here or elsewhere, is told no longer. @param {string} number */
export async function closeRead(number) {
  own.get(number)?.close();
  own.delete(number);
  for (const notice of (await (await worker())?.getNotifications({ tag: named(number) })) ?? []) notice.close();
}

/** Nothing of what was told is shown any more. */
export async function closeAll() {
  for (const notice of own.values()) notice.close();
  own.clear();
  for (const notice of (await (await worker())?.getNotifications()) ?? []) notice.close();
}
