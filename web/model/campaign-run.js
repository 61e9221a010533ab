import { sendAll } from '../api/client.js';
import { Problem } from '../api/http.js';
import { loggedInAgain } from '../api/session.js';
import { backoff } from '../lib/pause.js';
import { words } from '../lib/words.js';
import { partName } from './campaign.js';
import { dueNow, isTooOld, requestOf, tried } from './campaign-request.js';
import { isLoggedOut, isPassing } from './handing.js';
import { Pacing } from './pacing.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Campaign, Part } from './campaign.js' */
/** @import { Campaigns } from './campaigns.js' */
/** @import { Due } from './roll.js' */

/** Limits that hold for one number or a few: the others can be sent to. */
const OF_RECIPIENTS = new Set(['recipient-has-enough', 'prefix-has-enough']);

/** Hands over campaigns, a part of a part at a time. It is a file of its own, which is loaded when there is one. */
export class HandingOver {
  /** How many have failed one after the other. */
  #tries = 0;
  #pacing = new Pacing();

  /** @param {Campaigns} campaigns */
  constructor(campaigns) {
    this.campaigns = campaigns;
  }

  /** Until when enough of a campaign waits at the server. @param {Campaign} campaign */
  restsUntil = ({ id }) => this.#pacing.restsUntil(id);

  /** Hands over what is next. @param {Campaign} campaign @param {AbortSignal} signal */
  async step(campaign, signal) {
    const now = Date.now();
    const [next, ...others] = campaign.open.toSorted((a, b) => a.notBefore - b.notBefore || a.place - b.place);
    if (!next) return this.campaigns.change(campaign.id, { state: 'done', reason: '', code: null, until: 0 }, ['sending']);
    const most = await this.#pacing.most(campaign, signal).catch((error) => error);
    if (most instanceof Error) return this.#failed(campaign, most, signal);
    if (most === 0) return;
    const part = await this.campaigns.parts.update(partName(campaign.id, next.place), (kept) => tried(campaign, kept, now, most));
    // The user has cleared what this browser keeps.
    if (!part) return this.campaigns.change(campaign.id, { open: others });
    const due = dueNow(part);
    const outcomes = await this.#handOver(campaign, part, due, signal);
    if (outcomes instanceof Error) return this.#failed(campaign, outcomes, signal);
    this.#tries = 0;
    return this.#settle(campaign, next.place, due, outcomes);
  }

  /** @param {Campaign} campaign @param {Part} part @param {Due[]} due of it @param {AbortSignal} signal @returns {Promise<(Accepted | Problem)[] | Error>} */
  async #handOver(campaign, part, due, signal) {
    if (due.length === 0) return [];
    if (isTooOld(part, Date.now())) return due.map(() => new Problem(410, '', words.campaigns.unclear, [], null));
    return sendAll(due.map((one) => requestOf(campaign, part, one)), signal).catch((error) => error);
  }

  /** @param {Campaign} campaign @param {Error} error @param {AbortSignal} signal */
  async #failed({ id }, error, signal) {
    if (signal.aborted) return;
    const wait = backoff(this.#tries, 30_000);
    this.#tries += 1;
    if (isLoggedOut(error)) {
      await this.campaigns.change(id, { reason: '', code: 'login' }, ['sending']);
      await loggedInAgain(signal);
    } else if (!(error instanceof Problem)) {
      await this.campaigns.change(id, { reason: '', code: 'connection' }, ['sending']);
      await this.campaigns.nap(wait, signal);
    } else if (isPassing(error)) {
      const until = Date.now() + Math.max((error.retryAfter ?? 0) * 1000, wait);
      await this.campaigns.change(id, { reason: error.message, code: error.code, until }, ['sending']);
    } else await this.campaigns.change(id, { state: 'paused', reason: error.message, code: error.code }, ['sending']);
  }

  /**
   * What the server said to each text that was handed over. It is counted once, whoever else does it.
   *
   * @param {Campaign} campaign
   * @param {number} place
   * @param {Due[]} asked
   * @param {(Accepted | Problem)[]} outcomes
   */
  async #settle({ id }, place, asked, outcomes) {
    const told = sorted(asked, outcomes);
    const left = await this.campaigns.parts.update(partName(id, place), (kept) => without(kept, told));
    const now = Date.now();
    const [all, some] = [told.later.filter(({ code }) => !OF_RECIPIENTS.has(code)), told.later.filter(({ code }) => OF_RECIPIENTS.has(code))];
    const wait = longest(all);
    const isOver = !left || left.due.length === 0;
    // As long as there are others, nobody waits for those who have had enough.
    const notBefore = left?.due.every(({ row }) => told.limited.has(row)) ? now + longest(some) : now;
    await this.campaigns.drawer.update(id, (kept) => {
      const known = kept.open.find((open) => open.place === place);
      // Another tab was faster.
      if (!known) return null;
      const rest = kept.open.filter((open) => open !== known);
      const why = all[0] ?? some[0];
      const limits = kept.state === 'sending' && { reason: why?.message ?? '', code: why?.code ?? null, until: wait > 0 ? now + wait : 0 };
      const counted = { accepted: left?.accepted ?? known.accepted ?? 0, refused: left?.refused.length ?? known.refused ?? 0 };
      return {
        ...kept, ...limits, activeAt: now,
        accepted: kept.accepted + counted.accepted - (known.accepted ?? 0),
        refused: kept.refused + counted.refused - (known.refused ?? 0),
        open: isOver ? rest : [...rest, { place, notBefore, ...counted }],
      };
    });
    await this.campaigns.changed();
  }
}

/**
 * What the server said, by row.
 *
 * @typedef {object} Told
 * @property {Set<number>} accepted
 * @property {Map<number, Problem>} refused
 * @property {Problem[]} later what refuses some for now
 * @property {Set<number>} unclear those that the server may have all the same
 * @property {Set<number>} limited those whose recipients have enough for now
 */

/** @param {Due[]} asked @param {(Accepted | Problem)[]} outcomes @returns {Told} */
function sorted(asked, outcomes) {
  /** @type {Told} */
  const told = { accepted: new Set(), refused: new Map(), later: [], unclear: new Set(), limited: new Set() };
  for (const [place, { row }] of asked.entries()) {
    const outcome = outcomes[place];
    if (!(outcome instanceof Problem)) outcome && told.accepted.add(row);
    else if (!isPassing(outcome)) told.refused.set(row, outcome);
    else {
      told.later.push(outcome);
      if (outcome.status >= 500) told.unclear.add(row);
      if (OF_RECIPIENTS.has(outcome.code)) told.limited.add(row);
    }
  }
  return told;
}

/** A part without what is decided: first what the server may have, last whoever has enough for now. @param {Part} kept @param {Told} told @returns {Part} */
function without(kept, { accepted, refused, unclear, limited }) {
  const open = kept.due.filter(({ row }) => !accepted.has(row) && !refused.has(row));
  const order = (/** @type {Due} */ { row }) => (unclear.has(row) ? 0 : limited.has(row) ? 2 : 1);
  const more = kept.due.flatMap((one) => {
    const problem = refused.get(one.row);
    return problem ? { ...one, reason: problem.message, code: problem.code } : [];
  });
  return {
    ...kept,
    due: open.toSorted((a, b) => order(a) - order(b)),
    // Of what was refused for now it is certain that the server does not have it.
    triedAt: unclear.size > 0 ? kept.triedAt : null,
    tried: unclear.size,
    accepted: kept.accepted + kept.due.filter(({ row }) => accepted.has(row)).length,
    refused: [...kept.refused, ...more],
  };
}

/** @param {Problem[]} problems @returns {number} how long all of them are to be waited for, in milliseconds */
const longest = (problems) => (problems.length === 0 ? 0 : Math.max(1000, ...problems.map(({ retryAfter }) => (retryAfter ?? 0) * 1000)));
