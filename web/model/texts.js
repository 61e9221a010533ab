/** @import { Outgoing } from './outbox.js' */

/** Texts by their keys, and by whom they are for. */
export class Texts {
  /** @type {Map<string, Outgoing>} */
  #byKey = new Map();
  /** @type {Map<string, Set<string>>} */
  #byRecipient = new Map();

  get size() {
    return this.#byKey.size;
  }

  /** @param {string} key */
  get(key) {
    return this.#byKey.get(key);
  }

  values() {
    return [...this.#byKey.values()];
  }

  /** @param {string} recipient @returns {Outgoing[]} in the order in which they were written */
  to(recipient) {
    const keys = [...(this.#byRecipient.get(recipient) ?? [])];
    return keys.flatMap((key) => this.#byKey.get(key) ?? []).sort((a, b) => a.writtenAt - b.writtenAt);
  }

  /** @returns {Set<string>} */
  recipients() {
    return new Set(this.#byRecipient.keys());
  }

  /** @param {Outgoing} text */
  put(text) {
    this.#byKey.set(text.key, text);
    const keys = this.#byRecipient.get(text.recipient) ?? new Set();
    this.#byRecipient.set(text.recipient, keys.add(text.key));
  }

  /** @param {string} key @returns {Outgoing | undefined} what it was */
  remove(key) {
    const text = this.#byKey.get(key);
    if (!text) return undefined;
    this.#byKey.delete(key);
    const keys = this.#byRecipient.get(text.recipient);
    keys?.delete(key);
    if (keys?.size === 0) this.#byRecipient.delete(text.recipient);
    return text;
  }
}
