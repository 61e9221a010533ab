import { preview } from '../api/client.js';
import { translated, words } from '../lib/words.js';
import { faultOf } from './wording.js';

/** @import { Said } from '../lib/dom.js' */

/** As many are asked about: what is wrong with others the server says when they are sent to. */
const MOST = 100;

/** As many are asked about at the same time. */
const AT_ONCE = 2;

/** What refuses a recipient, whatever the text. */
export const ABOUT_THEM = new Set(['recipient-opted-out', 'recipient-not-allowed', 'recipient-not-in-team', 'recipient-has-enough', 'prefix-has-enough']);

/** Finds out who cannot be sent to, before anything is sent. */
export class Reach {
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {string[]} */
  #waiting = [];
  #running = 0;

  /** @param {(number: string, fault: Said) => void} refused @param {AbortSignal} signal */
  constructor(refused, signal) {
    this.refused = refused;
    this.signal = signal;
  }

  /** @param {string[]} numbers each is asked about once */
  ask(numbers) {
    for (const number of numbers) {
      if (this.#asked.has(number) || this.#asked.size >= MOST) continue;
      this.#asked.add(number);
      this.#waiting.push(number);
    }
    while (this.#running < AT_ONCE && this.#waiting.length > 0) this.#run();
  }

  async #run() {
    this.#running += 1;
    for (let number; !this.signal.aborted && (number = this.#waiting.shift()); ) {
      // Without an answer nothing is known against them.
      const told = await preview({ recipient: number, content: 'x' }, this.signal).catch(() => null);
      const fault = told && faultIn(told);
      if (fault && !this.signal.aborted) this.refused(number, fault);
    }
    this.#running -= 1;
  }
}

/** What a dry run says against a recipient. @param {Pick<import('../api/types.js').Preview, 'errors' | 'limits'>} told @returns {Said} */
export function faultIn({ errors, limits }) {
  const error = errors.find(({ field }) => field === 'recipient');
  const limit = limits.find(({ code }) => ABOUT_THEM.has(code));
  if (limit) return translated(words.problems, limit.code, limit.message);
  return error ? faultOf(words.people.number, error.message) : '';
}
