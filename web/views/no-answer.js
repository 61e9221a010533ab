import { h } from '../lib/dom.js';
import { conversationPlace } from '../lib/router.js';
import { words } from '../lib/words.js';
import { numberBehind } from '../model/number.js';

/** @import { Contacts } from '../model/contacts.js' */

/**
 * Stands where a text would be written, if none can be sent to whoever wrote.
 *
 * @param {Contacts} contacts
 * @param {string} address
 */
export function noAnswer(contacts, address) {
  const number = numberBehind(address);
  const instead = number && h('a', { href: conversationPlace(number) }, words.thread.writeInstead(contacts.shown(number)));
  const element = h('div', { class: 'composer' }, h('p', { class: 'blocked' }, words.thread.cannotAnswer, instead && ' ', instead));
  return { element, takeBack: () => {}, focus: () => false, block: () => {} };
}
