import { formatNumber } from './number.js';

/** @import { Class } from '../api/types.js' */

/** A name that phones show has at most so many characters; what is longer is a service of the provider. */
const LONGEST_NAME = 11;

/** @param {string} address of a sender @returns {string} as people read it */
export function senderName(address) {
  if (address.startsWith('+')) return formatNumber(address);
  return address.length > LONGEST_NAME ? `service …${address.slice(-4)}` : address;
}

/** What kinds of texts there are, and how each is treated. @type {Record<Class, [name: string, hint: string]>} */
const KINDS = {
  otp: ['Login code', 'Somebody waits for it: it leaves before all others, at any hour.'],
  transactional: ['Transactional', 'About something that they did: the usual kind.'],
  bulk: ['Bulk', 'One of many: it leaves after all others.'],
};

export const CLASSES = /** @type {Class[]} */ (['otp', 'transactional', 'bulk']);

/** @param {Class} kind */
export const kindName = (kind) => KINDS[kind]?.[0] ?? kind;

/** @param {Class} kind */
export const kindHint = (kind) => KINDS[kind]?.[1] ?? '';
