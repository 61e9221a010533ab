import { h } from '../lib/dom.js';
import { place } from '../lib/router.js';
import { words } from '../lib/words.js';

/** @import { ClientSettings } from '../api/types.js' */

/** Says that nothing is sent for real, wherever the user is. @param {ClientSettings} settings */
export function ribbon({ simulated, simulator_page: page }) {
  if (!simulated) return null;
  const link = page && h('a', { href: page, target: 'mysms-phone', rel: 'noopener' }, words.ribbon.phone);
  // It leads to the phone with which the user talks.
  if (link) link.addEventListener('click', () => (link.href = phone(page)));
  return h('p', { class: 'ribbon' }, h('strong', {}, words.ribbon.title), ' ', h('span', {}, words.ribbon.text), ' ', link);
}

/** @param {string} page */
function phone(page) {
  const [kind, what = ''] = place().path;
  return kind === 'conversations' && what ? `${page}#/${encodeURIComponent(what)}` : page;
}
