import { words } from '../lib/words.js';
import { formatNumber } from './number.js';

/** A name that phones show has at most so many characters; what is longer is a service of the provider. */
const LONGEST_NAME = 11;

/** @param {string} address of a sender @returns {string} as people read it */
export function senderName(address) {
  if (address.startsWith('+')) return formatNumber(address);
  return address.length > LONGEST_NAME ? words.choices.service(address.slice(-4)) : address;
}
