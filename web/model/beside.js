import { conversations } from '../api/client.js';
import { Conversations } from './conversations.js';
import { MOST } from './listing.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */

/** With fewer digits the server finds nobody. */
const LEAST = 3;

/** One conversation that is looked at while the list lacks it: it may be further down than was read, or put aside. */
export class Beside extends Conversations {
  #list;
  #isListed = true;

  /** @param {Desk} desk @param {string} number @param {AbortSignal} signal */
  constructor({ tabs, conversations: list }, number, signal) {
    super(tabs, signal, null);
    this.#list = list;
    this.number = number;
    list.changes.on(() => this.#look(), signal);
    if (list.state !== 'loading') this.#look();
  }

  /** Reads it as soon as the list lacks it. */
  #look() {
    const isListed = this.#list.get(this.number) !== undefined;
    if (this.#isListed && !isListed) this.load();
    this.#isListed = isListed;
  }

  /** @override */
  async load() {
    if (!this.#list.get(this.number)) await super.load();
  }

  /** @override */
  async readShown() {
    const digits = this.number.replace(/\D/g, '');
    // Others may have the same digits in their numbers.
    const { items } = digits.length < LEAST ? { items: [] } : await conversations(MOST, null, { number: digits });
    this.keep(items.filter(({ counterpart }) => counterpart === this.number));
  }

  /** @override @param {Message} message */
  touch(message) {
    if (message.counterpart === this.number) super.touch(message);
  }
}
