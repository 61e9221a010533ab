import { preview } from '../api/client.js';
import { translated, words } from '../lib/words.js';
import { ABOUT_THEM, faultIn } from './reach.js';
import { faultOf } from './wording.js';

/** @import { Preview } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */
/** @import { Desk } from './desk.js' */
/** @import { Due, Roll } from './roll.js' */
/** @import { Wanted } from './text.js' */

/** So many rows are asked about, and so many of them at the same time. */
const ASKED = 24;
const AT_ONCE = 3;

/** What is wrong with all of them, if it is with one. */
const OF_ALL = new Set(['send_at', 'send_at_local', 'time_zone', 'from', 'tags', 'tags.campaign']);

/**
 * What is likely to become of a campaign, by dry runs of some of its texts.
 *
 * @typedef {object} Forecast
 * @property {number} asked
 * @property {{row: number, number: string, reason: Said}[]} refused
 * @property {Said[]} faults what refuses all of them
 * @property {Said[]} limits what makes some of them wait
 * @property {string | null} sender
 * @property {string | null} sendAt the moment for which they are scheduled
 * @property {string | null} begins when the first may leave; `null` is at once
 * @property {boolean} quiet it waits for the end of quiet hours
 * @property {string | null} ends when the last is likely to have left; `null` if that is not limited here
 */

/**
 * @param {Desk} desk
 * @param {Roll} roll
 * @param {Omit<Wanted, 'content'>} terms
 * @param {string} name
 * @param {AbortSignal} signal
 * @returns {Promise<Forecast>}
 */
export async function forecast(desk, roll, { sendAt, zone, from }, name, signal) {
  const when = sendAt ? (zone === undefined ? { send_at: sendAt } : { send_at_local: `${sendAt}:00`, time_zone: zone }) : {};
  const common = { ...when, ...(from && { from }), class: /** @type {const} */ ('bulk'), tags: { campaign: name } };
  const sample = sampleOf(roll.due);
  const waiting = [...sample];
  /** @type {[Due, Preview][]} */
  const answers = [];
  const ask = async () => {
    for (let due; (due = waiting.shift()); ) answers.push([due, await preview({ recipient: due.number, content: due.content, ...common }, signal)]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const told = answers.map(([, answer]) => answer);
  const good = told.find(({ acceptable }) => acceptable) ?? told[0];
  const begins = told.map(({ starts_at: at }) => at).filter((at) => at !== null).sort()[0] ?? null;
  const rate = good?.sender ? desk.setup.rateOf(good.sender) : null;
  return {
    asked: sample.length,
    refused: answers.flatMap(([{ row, number }, answer]) => (faultIn(answer) ? { row, number, reason: faultIn(answer) } : [])),
    faults: each(told.flatMap(({ errors }) => errors.filter(({ field }) => OF_ALL.has(field)).map(({ field, message }) => faultOf(field, message)))),
    limits: each(told.flatMap(({ limits }) => limits.filter(({ code }) => !ABOUT_THEM.has(code)).map(({ code, message }) => translated(words.problems, code, message)))),
    sender: good?.sender ?? null,
    sendAt: good?.send_at ?? null,
    begins,
    quiet: begins !== null && begins !== (good?.send_at ?? null),
    ends: rate ? new Date(Math.max(Date.now(), Date.parse(begins ?? '') || 0) + (roll.segments / rate) * 1000).toISOString() : null,
  };
}

/** Some of them, evenly, and the longest. @param {Due[]} all */
function sampleOf(all) {
  const step = Math.max(1, all.length / (ASKED - 1));
  /** @type {Set<Due>} */
  const sample = new Set();
  for (let place = 0; place < all.length; place += step) sample.add(/** @type {Due} */ (all[Math.floor(place)]));
  let longest = all[0];
  for (const due of all) if (due.content.length > (longest?.content.length ?? 0)) longest = due;
  if (longest) sample.add(longest);
  return [...sample];
}

/** @param {Said[]} texts @returns {Said[]} each once */
const each = (texts) => [...new Map(texts.map((text) => [String(text), text])).values()];
