import { Channel } from '../lib/channel.js';
import { pause } from '../lib/pause.js';
import { words } from '../lib/words.js';
import { dueAt, partNames } from './campaign.js';

/** @import { Drawer } from '../lib/drawer.js' */
/** @import { Tabs } from '../lib/tabs.js' */
/** @import { Campaign, Part } from './campaign.js' */
/** @import { HandingOver } from './campaign-run.js' */
/** @import { Refused } from './roll.js' */

/** What has rested for longer goes on only if its user says so, in milliseconds. */
const LONGEST_REST = 24 * 3_600_000;

/** What was being prepared for longer was given up with its tab, in milliseconds. */
const LONGEST_PREPARATION = 3_600_000;

/** How long it takes until a part of the page that was not there is asked for again, in milliseconds. */
const MISSING = 30_000;

/**
 * The campaigns that this browser sends or has sent, in all tabs. They outlive them: what is to be handed over is kept
 * before anything is, and each text has a key that stays, so whatever breaks off goes on without loss or doubles.
 */
export class Campaigns {
  /** @type {Map<string, Campaign>} */
  #known = new Map();
  /** Ends a wait. */
  #nap = new AbortController();
  #running = false;
  /** What hands over, once there is something to do. @type {HandingOver | null} */
  #handing = null;
  /** @type {AbortSignal} */
  #leading = AbortSignal.abort();

  /** @type {Channel<void>} */
  changes = new Channel();
  isLoaded = false;

  /** @param {Drawer<Campaign>} drawer @param {Drawer<Part>} parts @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(drawer, parts, tabs, signal) {
    this.drawer = drawer;
    this.parts = parts;
    this.tabs = tabs;
    this.signal = signal;
    tabs.on('campaigns', () => this.read(), signal);
    signal.addEventListener('abort', () => this.#nap.abort());
    this.read();
  }

  /** @returns {Campaign[]} the newest first */
  list() {
    const begun = [...this.#known.values()].filter(({ state }) => state !== 'preparing');
    return begun.sort((a, b) => b.createdAt - a.createdAt);
  }

  /** @param {string} name */
  get(name) {
    return this.list().find((campaign) => campaign.name === name);
  }

  /** How many are not handed over as a whole, and are to be. */
  get size() {
    return this.list().filter(({ state }) => state === 'sending' || state === 'paused').length;
  }

  /** Hands over what is to be, until `signal`. @param {AbortSignal} signal */
  async start(signal) {
    await this.read();
    if (signal.aborted) return;
    const now = Date.now();
    for (const campaign of this.#known.values()) {
      if (campaign.state === 'preparing' && now - campaign.createdAt > LONGEST_PREPARATION) await this.forget(campaign);
      else if (campaign.state === 'sending' && now - campaign.activeAt > LONGEST_REST) await this.change(campaign.id, { state: 'paused', reason: words.campaigns.rested, code: null });
    }
    this.#leading = signal;
    this.#run();
  }

  /** @param {Campaign} campaign */
  halt = ({ id }) => this.change(id, { state: 'paused', reason: '', code: null, until: 0 }, ['sending']);

  /** @param {Campaign} campaign */
  goOn = ({ id }) => this.change(id, { state: 'sending', reason: '', code: null, until: 0, activeAt: Date.now() }, ['paused', 'sending']);

  /** Nothing more is handed over. @param {Campaign} campaign */
  cancel = ({ id }) => this.change(id, { state: 'canceled', reason: '', code: null, until: 0 }, ['sending', 'paused']);

  /** Removes what this browser knows of it. @param {Campaign} campaign */
  async forget(campaign) {
    await this.drawer.remove(campaign.id);
    await this.parts.removeAll(partNames(campaign));
    await this.changed();
  }

  /** The rows that the server does not have, a part at a time: those that were refused, and those that are not handed over. @param {Campaign} campaign @returns {AsyncGenerator<{refused: Refused[], due: Part['due']}, void, void>} */
  async *rest(campaign) {
    for (const name of partNames(campaign)) {
      const part = await this.parts.get(name);
      if (part) yield { refused: part.refused, due: part.due };
    }
  }

  /** Reads what this browser keeps. */
  async read() {
    const kept = await this.drawer.all();
    if (this.signal.aborted) return;
    this.#known = new Map(kept.map((campaign) => [campaign.id, campaign]));
    this.isLoaded = true;
    this.changes.emit();
    this.#nap.abort();
    this.#run();
  }

  /** One after the other, the oldest first. */
  async #run() {
    if (this.#running) return;
    this.#running = true;
    const signal = this.#leading;
    while (!signal.aborted) {
      const sending = this.list().filter(({ state }) => state === 'sending');
      const campaign = sending.toSorted((a, b) => this.#dueAt(a) - this.#dueAt(b) || a.createdAt - b.createdAt)[0];
      if (!campaign) break;
      this.#nap = new AbortController();
      const wait = this.#dueAt(campaign) - Date.now();
      if (wait > 0) await this.#rest(wait, signal);
      else if (this.#handing) await this.#handing.step(campaign, signal);
      else await this.#fetchHanding(campaign, signal);
    }
    this.#running = false;
    // What came while it ended.
    if (!this.#leading.aborted && this.list().some(({ state }) => state === 'sending')) this.#run();
  }

  /** @param {Campaign} campaign */
  #dueAt = (campaign) => Math.max(dueAt(campaign) ?? 0, this.#handing?.restsUntil(campaign) ?? 0);

  /** What hands over is no part of what is fetched first. @param {Campaign} campaign that waits for it @param {AbortSignal} signal */
  async #fetchHanding(campaign, signal) {
    try {
      const { HandingOver } = await import('./campaign-run.js');
      this.#handing = new HandingOver(this);
    } catch {
      if (signal.aborted) return;
      await this.change(campaign.id, { reason: words.home.partMissing, code: null }, ['sending']);
      await this.nap(MISSING, signal);
    }
  }

  /** Waits until something else is wanted, at the longest. @param {number} wait milliseconds @param {AbortSignal} signal */
  async nap(wait, signal) {
    this.#nap = new AbortController();
    await pause(wait, AbortSignal.any([signal, this.#nap.signal]));
  }

  /** @param {number} wait milliseconds; shorter only if something else is wanted meanwhile @param {AbortSignal} signal */
  async #rest(wait, signal) {
    const end = Date.now() + wait;
    const over = AbortSignal.any([signal, this.#nap.signal]);
    while (!over.aborted && Date.now() < end) await pause(end - Date.now(), over);
  }

  /** @param {string} id @param {Partial<Campaign>} change @param {Campaign['state'][]} [from] only in one of these states */
  async change(id, change, from) {
    await this.drawer.update(id, (kept) => (from && !from.includes(kept.state) ? null : { ...kept, ...change }));
    await this.changed();
  }

  async changed() {
    if (this.signal.aborted) return;
    this.tabs.tell('campaigns');
    await this.read();
  }
}
