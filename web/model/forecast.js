import { previewAll } from '../api/campaign.js';
import { preview } from '../api/client.js';
import { Problem } from '../api/http.js';
import { backoff, pause } from '../lib/pause.js';
import { translated, words } from '../lib/words.js';
import { isPassing } from './handing.js';
import { inParts } from './portions.js';
import { ABOUT_THEM, faultIn } from './reach.js';
import { asRequest } from './text.js';
import { faultOf } from './wording.js';

/** @import { BatchPreview, BatchRefusal } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */
/** @import { Desk } from './desk.js' */
/** @import { Due, Roll } from './roll.js' */
/** @import { TextRequest, Wanted } from './text.js' */

/** So often a part is asked about while the server is busy, and so long it is waited for at the longest, in milliseconds. */
const TRIES = 5;
const LONGEST = 10_000;

/** What is wrong with all of them, if it is with one. */
const OF_ALL = new Set(['send_at', 'send_at_local', 'time_zone', 'from', 'tags', 'tags.campaign']);

/**
 * What is likely to become of a campaign, by a dry run of each of its texts.
 *
 * @typedef {object} Forecast
 * @property {number} asked
 * @property {(Due & {reason: Said})[]} refused
 * @property {Said[]} faults what refuses all of them
 * @property {Said[]} limits what makes some of them wait
 * @property {string[]} senders
 * @property {string | null} sendAt the moment for which they are scheduled
 * @property {string | null} begins when the first may leave; `null` is at once
 * @property {boolean} quiet it waits for the end of quiet hours
 * @property {boolean} isLimited as many a second leave as their sender may
 * @property {string | null} ends when the last is likely to have left; `null` if that cannot be told
 */

/**
 * @param {Desk} desk
 * @param {Roll} roll
 * @param {Omit<Wanted, 'content'>} wanted
 * @param {string} name
 * @param {(asked: number) => void} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Forecast>}
 */
export async function forecast(desk, roll, wanted, name, progress, signal) {
  const [first] = roll.due;
  const request = (/** @type {Due} */ { number, content }) => ({ recipient: number, ...asRequest({ ...wanted, content, kind: 'bulk', tags: { campaign: name } }) });
  // What concerns all of them is the same for each, so it is asked for once.
  const one = first ? await preview(request(first), signal) : null;
  const faults = (one?.errors ?? []).filter(({ field }) => OF_ALL.has(field)).map(({ field, message }) => faultOf(field, message));
  const found = new Found();
  for (const part of faults.length > 0 ? [] : inParts(roll.due)) {
    found.add(part, await patiently(part.map(request), signal));
    progress(found.asked);
  }
  const { begins, latest } = found;
  const rates = [...found.senders].flatMap((sender) => desk.setup.rateOf(sender) ?? []);
  const sendAt = one?.send_at ?? null;
  return {
    asked: found.asked,
    refused: found.refused,
    faults: each(faults),
    limits: each(found.limits),
    senders: [...found.senders],
    sendAt,
    begins,
    quiet: begins !== null && begins !== sendAt,
    isLimited: rates.length > 0,
    ends: rates.length > 0 && latest !== null ? new Date(Date.parse(latest) + (found.segments / Math.min(...rates)) * 1000).toISOString() : null,
  };
}

/** What the dry runs of the parts say together. */
class Found {
  asked = 0;
  segments = 0;
  /** @type {Forecast['refused']} */
  refused = [];
  /** @type {Said[]} */
  limits = [];
  /** @type {Set<string>} */
  senders = new Set();
  /** When the first leaves, if none leaves at once. @type {string | null} */
  begins = null;
  /** When the last would leave if it were alone; `null` once that is not known of one. @type {string | null} */
  latest = null;
  #isBegun = false;

  /** @param {Due[]} part @param {BatchPreview} told */
  add(part, told) {
    this.asked += part.length;
    this.segments += told.segments;
    for (const sender of told.senders) this.senders.add(sender);
    for (const refusal of told.refusals) this.#refuse(/** @type {Due} */ (part[refusal.index]), refusal);
    if (told.acceptable === 0) return;
    this.begins = this.#isBegun ? earlier(this.begins, told.starts_at) : told.starts_at;
    this.latest = this.#isBegun ? later(this.latest, told.expected_at) : told.expected_at;
    this.#isBegun = true;
  }

  /** @param {Due} due @param {BatchRefusal} refusal */
  #refuse({ row, number, content }, { errors, limits }) {
    const [error] = errors;
    const reason = faultIn({ errors, limits }) || (error && faultOf(error.field, error.message));
    if (reason) this.refused.push({ row, number, content, reason });
    for (const { code, message } of limits) if (!ABOUT_THEM.has(code)) this.limits.push(translated(words.problems, code, message));
  }
}

/** @param {string | null} one @param {string | null} other @returns {string | null} nothing is earlier than any time */
const earlier = (one, other) => (one === null || other === null ? null : one < other ? one : other);

/** @param {string | null} one @param {string | null} other @returns {string | null} nothing stands for what is not known */
const later = (one, other) => (one === null || other === null ? null : one > other ? one : other);

/** Asks about a part, also if the server has no place for it right now. @param {TextRequest[]} texts @param {AbortSignal} signal @returns {Promise<BatchPreview>} */
async function patiently(texts, signal) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await previewAll(texts, signal);
    } catch (error) {
      if (!(error instanceof Problem) || !isPassing(error) || tries === TRIES - 1 || signal.aborted) throw error;
      await pause(Math.min(LONGEST, Math.max((error.retryAfter ?? 0) * 1000, backoff(tries, LONGEST))), signal);
    }
  }
}

/** @param {Said[]} texts @returns {Said[]} each once */
const each = (texts) => [...new Map(texts.map((text) => [String(text), text])).values()];
