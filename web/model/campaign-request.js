import { CAMPAIGN, ROW, isDue } from './campaign.js';

/** @import { Class } from '../api/types.js' */
/** @import { Campaign, Part } from './campaign.js' */
/** @import { Due } from './roll.js' */

/** The server knows a key for at least 7 days; in milliseconds. */
const KEYS_LAST = 6 * 86_400_000;

/**
 * A text as it is handed over. It is the same however often that is done, or its key would not be good for it.
 *
 * @param {Campaign} campaign
 * @param {Part} part
 * @param {Due} due
 */
export function requestOf({ id, name, terms: { sendAt, from } }, { late }, { row, number, content }) {
  return {
    recipient: number,
    content,
    class: /** @type {Class} */ ('bulk'),
    ...(sendAt && !late && { send_at: sendAt }),
    ...(from && { from }),
    tags: { [CAMPAIGN]: name, [ROW]: String(row) },
    idempotency_key: `${id}:${row}`,
  };
}

/**
 * A part of which some is about to be handed over.
 *
 * @param {Campaign} campaign
 * @param {Part} part
 * @param {number} now
 * @param {number} most as many of its texts at most
 * @returns {Part}
 */
export function tried({ terms }, part, now, most) {
  // What the server may have already is asked for as it was.
  if (part.triedAt !== null) return part;
  return { ...part, triedAt: now, tried: Math.min(most, part.due.length), late: terms.sendAt !== null && isDue(terms, now) };
}

/** What of it is handed over now. @param {Part} part @returns {Due[]} */
export const dueNow = ({ due, tried }) => due.slice(0, tried ?? due.length);

/** Whether the server may have forgotten the keys of a part that was handed over before. @param {Part} part @param {number} now */
export const isTooOld = ({ triedAt }, now) => triedAt !== null && now - triedAt > KEYS_LAST;
