import { words } from '../lib/words.js';
import { parseNumber } from './number.js';

/** @import { Said } from '../lib/dom.js' */

/** As many as one batch takes. */
export const MOST = 1000;

/**
 * Somebody who is to get a text.
 *
 * @typedef {object} Addressee
 * @property {string} written as the user wrote it
 * @property {string | null} number `null` if it is none
 * @property {Said} fault why nothing can be sent there; empty if something can
 */

/** @param {string} text @returns {string[]} the numbers in it, as they are written: spaces stand within them */
export const split = (text) => text.split(/[\n\r\t\v\f,;\u2028\u2029\uff0c\uff1b\u3001]+/).map((part) => part.trim()).filter(Boolean);

/** Whether more than one number can be in it. @param {string} text */
export const isList = (text) => /[\n\r\t,;\u2028\u2029\uff0c\uff1b\u3001]/.test(text);

/** Whether the last of the numbers may still be being written. @param {string} text */
export const isOpen = (text) => !isList(text.slice(Math.max(0, text.trimEnd().length - 1)));

/** @param {string} written @returns {string} what is wrong with a number; empty if it is one */
export function faultOf(written) {
  if (parseNumber(written)) return '';
  const digits = written.replace(/\D/g, '').length;
  if (digits === 0) return words.recipients.noNumber;
  if (/\p{L}/u.test(written.replace(/^tel:/, ''))) return words.recipients.letters;
  if (!/^(tel:)?[\s(\p{Cf}]*(\+|\uff0b|00)/u.test(written)) return words.recipients.noCountry;
  return digits < 7 ? words.recipients.short : words.recipients.invalid;
}

/** Those who are to get a text, each once. */
export class Recipients {
  /** @type {Addressee[]} */
  list = [];

  /** @param {string[]} texts @returns {{added: number, wrong: number, doubled: number, left: number}} what became of them */
  add(texts) {
    const told = { added: 0, wrong: 0, doubled: 0, left: 0 };
    const there = new Set(this.list.map(nameOf));
    for (const written of texts) {
      /** @type {Addressee} */
      const next = { written, number: parseNumber(written), fault: faultOf(written) };
      if (there.has(nameOf(next))) told.doubled += 1;
      else if (this.list.length >= MOST) told.left += 1;
      else {
        there.add(nameOf(next));
        this.list.push(next);
        told[next.fault ? 'wrong' : 'added'] += 1;
      }
    }
    return told;
  }

  /** @param {(one: Addressee) => boolean} is */
  remove(is) {
    this.list = this.list.filter((one) => !is(one));
  }

  /** @returns {string[]} the numbers to which something can be sent */
  numbers() {
    return this.list.flatMap(({ number, fault }) => (number && !fault ? [number] : []));
  }
}

/** @param {Addressee} one */
export const nameOf = ({ number, written }) => number ?? written;
