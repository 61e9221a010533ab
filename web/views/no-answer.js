import { h } from '../lib/dom.js';
import { conversationPlace } from '../lib/router.js';
import { formatNumber, numberBehind } from '../model/number.js';

/**
 * Stands where a text would be written, if none can be sent to whoever wrote.
 *
 * @param {string} address
 */
export function noAnswer(address) {
  const number = numberBehind(address);
  const instead = number && h('a', { href: conversationPlace(number) }, `Write to ${formatNumber(number)} instead`);
  const why = 'This cannot be answered, because texts can only be sent to phone numbers.';
  const element = h('div', { class: 'composer' }, h('p', { class: 'blocked' }, why, instead && ' ', instead));
  return { element, takeBack: () => {}, focus: () => false, block: () => {} };
}
