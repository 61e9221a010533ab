import { h, setText } from '../lib/dom.js';
import { past } from '../lib/time.js';
import { words } from '../lib/words.js';

/** @import { Reader } from '../model/listing.js' */

/** Says that what is shown is from before. It lies above that and takes no room, so that nothing moves when it goes. */
export const asOf = () => h('p', { class: 'as-of', role: 'status', hidden: true });

/** @param {HTMLElement} sign @param {Reader} reader of what is shown */
export function showAge(sign, { before, state }) {
  sign.hidden = before === null;
  if (before === null) return setText(sign, '');
  const { offline, failed, connecting } = words.before;
  const say = state === 'failed' ? failed : connecting;
  setText(sign, (navigator.onLine ? say : offline)(past(before.at)));
}
