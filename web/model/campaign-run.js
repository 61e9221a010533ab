import { sendAll } from '../api/client.js';
import { Problem } from '../api/http.js';
import { loggedInAgain } from '../api/session.js';
import { backoff } from '../lib/pause.js';
import { words } from '../lib/words.js';
import { partName } from './campaign.js';
import { isTooOld, requestOf, tried } from './campaign-request.js';
import { isLoggedOut, isPassing } from './handing.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Campaign, Part } from './campaign.js' */
/** @import { Campaigns } from './campaigns.js' */

/** Limits that hold for one number or a few: the others can be sent to. */
const OF_RECIPIENTS = new Set(['recipient-has-enough', 'prefix-has-enough']);

/** Hands over campaigns part by part. It is a file of its own, which is loaded when there is one. */
export class HandingOver {
  /** How many have failed one after the other. */
  #tries = 0;

  /** @param {Campaigns} campaigns */
  constructor(campaigns) {
    this.campaigns = campaigns;
  }

  /** Hands over the next part. @param {Campaign} campaign @param {AbortSignal} signal */
  async step(campaign, signal) {
    const now = Date.now();
    const [next, ...others] = campaign.open.toSorted((a, b) => a.notBefore - b.notBefore || a.place - b.place);
    if (!next) return this.campaigns.change(campaign.id, { state: 'done', reason: '', code: null, until: 0 }, ['sending']);
    const part = await this.campaigns.parts.update(partName(campaign.id, next.place), (kept) => tried(campaign, kept, now));
    // The user has cleared what this browser keeps.
    if (!part) return this.campaigns.change(campaign.id, { open: others });
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
   * What the server said to each text of a part. It is counted once, whoever else does it.
   *
   * @param {Campaign} campaign
   * @param {number} place
   * @param {Part} part as it was handed over
   * @param {(Accepted | Problem)[]} outcomes
   */
  async #settle({ id }, place, part, outcomes) {
    const { accepted, refused, later } = sorted(part, outcomes);
    const left = await this.campaigns.parts.update(partName(id, place), (kept) => {
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
    await this.campaigns.drawer.update(id, (kept) => {
      // Another tab was faster.
      if (!kept.open.some((open) => open.place === place)) return null;
      const rest = kept.open.filter((open) => open.place !== place);
      const why = all[0] ?? some[0];
      const limits = kept.state === 'sending' && { reason: why?.message ?? '', code: why?.code ?? null, until: wait > 0 ? now + wait : 0 };
      const base = { ...kept, ...limits, activeAt: now };
      if (!isOver) return { ...base, open: [...rest, { place, notBefore }] };
      return { ...base, open: rest, accepted: kept.accepted + (left?.accepted ?? 0), refused: kept.refused + (left?.refused.length ?? 0) };
    });
    await this.campaigns.changed();
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
