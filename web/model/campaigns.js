import { sendAll } from '../api/client.js';
import { Problem } from '../api/http.js';
import { loggedInAgain } from '../api/session.js';
import { Channel } from '../lib/channel.js';
import { backoff, pause } from '../lib/pause.js';
import { words } from '../lib/words.js';
import { dueAt, inParts, isTooOld, listName, partName, partNames, requestOf, tried } from './campaign.js';
import { isLoggedOut, isPassing } from './handing.js';
import { newKey } from './outbox.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Drawer } from '../lib/drawer.js' */
/** @import { Tabs } from '../lib/tabs.js' */
/** @import { Campaign, Part, Terms } from './campaign.js' */
/** @import { Refused } from './roll.js' */
/** @import { Roll } from './roll.js' */

/** What has rested for longer goes on only if its user says so, in milliseconds. */
const LONGEST_REST = 24 * 3_600_000;

/** What was being prepared for longer was given up with its tab, in milliseconds. */
const LONGEST_PREPARATION = 3_600_000;

/** Limits that hold for one number or a few: the others can be sent to. */
const OF_RECIPIENTS = new Set(['recipient-has-enough', 'prefix-has-enough']);

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
  /** How many have failed one after the other. */
  #tries = 0;
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
      else if (campaign.state === 'sending' && now - campaign.activeAt > LONGEST_REST) await this.#change(campaign.id, { state: 'paused', reason: words.campaigns.rested, code: null });
    }
    this.#leading = signal;
    this.#run();
  }

  /**
   * Keeps a campaign, which is handed over from then on.
   *
   * @param {{name: string, file: string, text: string, terms: Terms}} wanted
   * @param {Roll} roll
   * @returns {Promise<boolean>} false if this browser keeps nothing
   */
  async begin(wanted, roll) {
    const id = newKey();
    const now = Date.now();
    const [parts, lists] = [inParts(roll.due), inParts(roll.refused)];
    const open = parts.map((_, place) => ({ place, notBefore: 0 }));
    /** @type {Campaign} */
    const campaign = {
      ...wanted, id, rows: roll.size, segments: roll.segments, createdAt: now, activeAt: now, state: 'preparing', reason: '', code: null, until: 0,
      open, parts: parts.length, lists: lists.length, accepted: 0, refused: roll.refused.length,
    };
    await this.drawer.put(id, campaign);
    const bare = { campaign: id, refused: [], due: [], accepted: 0, triedAt: null, late: false };
    for (const [place, due] of parts.entries()) await this.parts.put(partName(id, place), { ...bare, due });
    for (const [place, refused] of lists.entries()) await this.parts.put(listName(id, place), { ...bare, refused });
    if (!this.drawer.isSafe || !this.parts.isSafe) {
      await this.forget(campaign);
      return false;
    }
    await this.#change(id, { state: parts.length > 0 ? 'sending' : 'done' });
    return true;
  }

  /** @param {Campaign} campaign */
  halt = ({ id }) => this.#change(id, { state: 'paused', reason: '', code: null, until: 0 }, ['sending']);

  /** @param {Campaign} campaign */
  goOn = ({ id }) => this.#change(id, { state: 'sending', reason: '', code: null, until: 0, activeAt: Date.now() }, ['paused', 'sending']);

  /** Nothing more is handed over. @param {Campaign} campaign */
  cancel = ({ id }) => this.#change(id, { state: 'canceled', reason: '', code: null, until: 0 }, ['sending', 'paused']);

  /** Removes what this browser knows of it. @param {Campaign} campaign */
  async forget(campaign) {
    await this.drawer.remove(campaign.id);
    await this.parts.removeAll(partNames(campaign));
    await this.#changed();
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
      const campaign = sending.toSorted((a, b) => (dueAt(a) ?? 0) - (dueAt(b) ?? 0) || a.createdAt - b.createdAt)[0];
      if (!campaign) break;
      this.#nap = new AbortController();
      const wait = (dueAt(campaign) ?? 0) - Date.now();
      if (wait > 0) await this.#rest(wait, signal);
      else await this.#step(campaign, signal);
    }
    this.#running = false;
    // What came while it ended.
    if (!this.#leading.aborted && this.list().some(({ state }) => state === 'sending')) this.#run();
  }

  /** @param {number} wait milliseconds; shorter only if something else is wanted meanwhile @param {AbortSignal} signal */
  async #rest(wait, signal) {
    const end = Date.now() + wait;
    const over = AbortSignal.any([signal, this.#nap.signal]);
    while (!over.aborted && Date.now() < end) await pause(end - Date.now(), over);
  }

  /** Hands over the next part. @param {Campaign} campaign @param {AbortSignal} signal */
  async #step(campaign, signal) {
    const now = Date.now();
    const [next, ...others] = campaign.open.toSorted((a, b) => a.notBefore - b.notBefore || a.place - b.place);
    if (!next) return this.#change(campaign.id, { state: 'done', reason: '', code: null, until: 0 }, ['sending']);
    const part = await this.parts.update(partName(campaign.id, next.place), (kept) => tried(campaign, kept, now));
    // The user has cleared what this browser keeps.
    if (!part) return this.#change(campaign.id, { open: others });
    const outcomes = await this.#handOver(campaign, part, now, signal);
    if (outcomes instanceof Error) return this.#failed(campaign, outcomes, signal);
    this.#tries = 0;
    return this.#settle(campaign, next.place, part, outcomes);
  }

  /** @param {Campaign} campaign @param {Part} part @param {number} now @param {AbortSignal} signal @returns {Promise<(Accepted | Problem)[] | Error>} */
  async #handOver(campaign, part, now, signal) {
    if (part.due.length === 0) return [];
    if (isTooOld(part, now)) return part.due.map(() => new Problem(410, '', words.campaigns.unclear, [], null));
    return sendAll(part.due.map((due) => requestOf(campaign, part, due)), signal).catch((error) => error);
  }

  /** @param {Campaign} campaign @param {Error} error @param {AbortSignal} signal */
  async #failed({ id }, error, signal) {
    if (signal.aborted) return;
    const wait = backoff(this.#tries, 30_000);
    this.#tries += 1;
    if (isLoggedOut(error)) {
      await this.#change(id, { reason: '', code: 'login' }, ['sending']);
      await loggedInAgain(signal);
    } else if (!(error instanceof Problem)) {
      await this.#change(id, { reason: '', code: 'connection' }, ['sending']);
      this.#nap = new AbortController();
      await pause(wait, AbortSignal.any([signal, this.#nap.signal]));
    } else if (isPassing(error)) {
      const until = Date.now() + Math.max((error.retryAfter ?? 0) * 1000, wait);
      await this.#change(id, { reason: error.message, code: error.code, until }, ['sending']);
    } else await this.#change(id, { state: 'paused', reason: error.message, code: error.code }, ['sending']);
  }

  /**
   * What the server said to each text of a part. It is counted once, whoever else does it.
   *
   * @param {Campaign} campaign
   * @param {number} place
   * @param {Part} part as it was handed over
   * @param {(Accepted | Problem)[]} outcomes
   */
  async #settle({ id }, place, part, outcomes) {
    const { accepted, refused, later } = sorted(part, outcomes);
    const left = await this.parts.update(partName(id, place), (kept) => {
      const due = kept.due.filter(({ row }) => !accepted.has(row) && !refused.has(row));
      const gone = kept.due.filter(({ row }) => accepted.has(row)).length;
      const more = kept.due.flatMap((one) => {
        const problem = refused.get(one.row);
        return problem ? { ...one, reason: problem.message, code: problem.code } : [];
      });
      // Of what was refused for now it is certain that the server does not have it.
      const triedAt = later.some(({ status }) => status >= 500) ? kept.triedAt : null;
      return { ...kept, due, triedAt, accepted: kept.accepted + gone, refused: [...kept.refused, ...more] };
    });
    const now = Date.now();
    const [all, some] = [later.filter(({ code }) => !OF_RECIPIENTS.has(code)), later.filter(({ code }) => OF_RECIPIENTS.has(code))];
    const wait = longest(all);
    const notBefore = now + longest(some);
    const isOver = !left || left.due.length === 0;
    await this.drawer.update(id, (kept) => {
      // Another tab was faster.
      if (!kept.open.some((open) => open.place === place)) return null;
      const rest = kept.open.filter((open) => open.place !== place);
      const why = all[0] ?? some[0];
      const limits = kept.state === 'sending' && { reason: why?.message ?? '', code: why?.code ?? null, until: wait > 0 ? now + wait : 0 };
      const base = { ...kept, ...limits, activeAt: now };
      if (!isOver) return { ...base, open: [...rest, { place, notBefore }] };
      return { ...base, open: rest, accepted: kept.accepted + (left?.accepted ?? 0), refused: kept.refused + (left?.refused.length ?? 0) };
    });
    await this.#changed();
  }

  /** @param {string} id @param {Partial<Campaign>} change @param {Campaign['state'][]} [from] only in one of these states */
  async #change(id, change, from) {
    await this.drawer.update(id, (kept) => (from && !from.includes(kept.state) ? null : { ...kept, ...change }));
    await this.#changed();
  }

  async #changed() {
    if (this.signal.aborted) return;
    this.tabs.tell('campaigns');
    await this.read();
  }
}

/** @param {Part} part @param {(Accepted | Problem)[]} outcomes */
function sorted(part, outcomes) {
  /** @type {Set<number>} */
  const accepted = new Set();
  /** @type {Map<number, Problem>} */
  const refused = new Map();
  /** @type {Problem[]} */
  const later = [];
  for (const [place, { row }] of part.due.entries()) {
    const outcome = outcomes[place];
    if (!(outcome instanceof Problem)) outcome && accepted.add(row);
    else if (isPassing(outcome)) later.push(outcome);
    else refused.set(row, outcome);
  }
  return { accepted, refused, later };
}

/** @param {Problem[]} problems @returns {number} how long all of them are to be waited for, in milliseconds */
const longest = (problems) => (problems.length === 0 ? 0 : Math.max(1000, ...problems.map(({ retryAfter }) => (retryAfter ?? 0) * 1000)));
