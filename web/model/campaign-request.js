import { CAMPAIGN, ROW } from './campaign.js';

/** @import { Class } from '../api/types.js' */
/** @import { Campaign, Part } from './campaign.js' */
/** @import { Due } from './roll.js' */

/** The server knows a key for at least 7 days; in milliseconds. */
const KEYS_LAST = 6 * 86_400_000;

/** What is to leave sooner leaves at once, in milliseconds. */
const SOONEST = 60_000;

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
 * A part that is about to be handed over.
 *
 * @param {Campaign} campaign
 * @param {Part} part
 * @param {number} now
 * @returns {Part}
 */
export function tried({ terms: { sendAt } }, part, now) {
  // What the server may have already is asked for as it was.
  if (part.triedAt !== null) return part;
  return { ...part, triedAt: now, late: sendAt !== null && Date.parse(sendAt) < now + SOONEST };
}

/** Whether the server may have forgotten the keys of a part that was handed over before. @param {Part} part @param {number} now */
export const isTooOld = ({ triedAt }, now) => triedAt !== null && now - triedAt > KEYS_LAST;
