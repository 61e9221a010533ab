import { Channel } from '../lib/channel.js';
import { NOTHING, isNothing } from './text.js';

/** @import { Drawer } from '../lib/drawer.js' */
/** @import { Tabs } from '../lib/tabs.js' */
/** @import { Wanted } from './text.js' */

/** @typedef {Wanted & {number?: string, numbers?: string[]}} Draft one to whom it goes as it is being typed, and those that were */
/** @typedef {{place: string, draft: Draft}} Placed */

/** What was written but not sent, by conversation, in all tabs. It outlives them. */
export class Drafts {
  /** @type {Map<string, Draft>} */
  #drafts;
  /** Places that are about to be kept as they are then. @type {Set<string>} */
  #unkept = new Set();

  /** Tells of a place whose draft another tab has changed. @type {Channel<string>} */
  elsewhere = new Channel();

  /** @param {Placed[]} kept @param {Drawer<Placed>} drawer @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(kept, drawer, tabs, signal) {
    this.#drafts = new Map(kept.map(({ place, draft }) => [place, draft]));
    this.drawer = drawer;
    this.tabs = tabs;
    this.signal = signal;
    tabs.on('draft', (placed) => this.#changedElsewhere(placed), signal);
  }

  /** @param {string} place @returns {Draft} */
  get(place) {
    return this.#drafts.get(place) ?? NOTHING;
  }

  /** @param {string} place @param {Draft} draft */
  set(place, draft) {
    this.#put(place, draft);
    if (this.signal.aborted) return;
    this.tabs.tell('draft', { place, draft });
    this.#keep(place);
  }

  /** @param {string} place @param {Draft} draft */
  #put(place, draft) {
    if (draft.number || draft.numbers?.length || !isNothing(draft)) this.#drafts.set(place, draft);
    else this.#drafts.delete(place);
  }

  /** @param {Placed} placed */
  #changedElsewhere({ place, draft }) {
    this.#put(place, draft);
    this.elsewhere.emit(place);
  }

  /** Writes one after the other: of what is typed meanwhile only the last counts. @param {string} place */
  async #keep(place) {
    if (this.#unkept.has(place)) return;
    this.#unkept.add(place);
    await this.#kept;
    this.#unkept.delete(place);
    if (this.signal.aborted) return;
    const draft = this.#drafts.get(place);
    this.#kept = draft ? this.drawer.put(place, { place, draft }) : this.drawer.remove(place);
  }

  #kept = Promise.resolve();
}
