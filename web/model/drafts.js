import { recall, remember } from '../lib/storage.js';

/** @typedef {{content: string, sendAt: string | null, number?: string}} Draft */

/** @type {Draft} */
const EMPTY = { content: '', sendAt: null };

/** What was written but not sent, by conversation. It outlives a reload and an expired token. */
export class Drafts {
  /** @type {Record<string, Draft>} */
  #drafts = recall('drafts') ?? {};

  /** @param {string} place @returns {Draft} */
  get(place) {
    return this.#drafts[place] ?? EMPTY;
  }

  /** @param {string} place @param {Draft} draft */
  set(place, draft) {
    if (draft.content || draft.sendAt || draft.number) this.#drafts[place] = draft;
    else delete this.#drafts[place];
    remember('drafts', this.#drafts);
  }
}
