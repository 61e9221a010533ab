import { recall, remember } from '../lib/storage.js';
import { NOTHING, isNothing } from './text.js';

/** @import { Wanted } from './text.js' */

/** @typedef {Wanted & {number?: string}} Draft */

/** What was written but not sent, by conversation. It outlives a reload and an expired token. */
export class Drafts {
  /** @type {Record<string, Draft>} */
  #drafts = recall('drafts') ?? {};

  /** @param {string} place @returns {Draft} */
  get(place) {
    return this.#drafts[place] ?? NOTHING;
  }

  /** @param {string} place @param {Draft} draft */
  set(place, draft) {
    if (draft.number || !isNothing(draft)) this.#drafts[place] = draft;
    else delete this.#drafts[place];
    remember('drafts', this.#drafts);
  }
}
