/** @import { Due, Refused } from './roll.js' */

/** The tags by which the texts of a campaign are found, and the row of each. */
export const CAMPAIGN = 'campaign';
export const ROW = 'row';

/**
 * A text to many that is handed over part by part, as this browser keeps it.
 *
 * @typedef {object} Campaign
 * @property {string} id the keys of its texts begin with it
 * @property {string} name the value of the tag that its texts have
 * @property {string} file
 * @property {string} text with its fields
 * @property {number} rows of the file
 * @property {number} segments
 * @property {number} createdAt
 * @property {Terms} terms
 * @property {'preparing' | 'sending' | 'paused' | 'canceled' | 'done'} state
 * @property {string} reason why it waits or was paused; empty if it does not
 * @property {string | null} code the same, as the server or this client calls it
 * @property {number} until it waits till then
 * @property {number} activeAt when something of it was handed over the last time
 * @property {Open[]} open the parts that are not handed over as a whole
 * @property {number} parts
 * @property {number} lists of rows that were refused before anything was sent
 * @property {number} accepted
 * @property {number} refused
 *
 * @typedef {object} Open a part, and how many of its rows are counted
 * @property {number} place
 * @property {number} notBefore
 * @property {number} [accepted]
 * @property {number} [refused]
 *
 * @typedef {{sendAt: string | null, from?: string}} Terms `sendAt` is a moment
 *
 * Some rows of a campaign, in the order of the file.
 *
 * @typedef {object} Part
 * @property {string} campaign its id
 * @property {Due[]} due what the server has not answered yet
 * @property {Refused[]} refused
 * @property {number} accepted
 * @property {number | null} triedAt since when the server may have some of it without having said so
 * @property {number} [tried] so many of `due`, from the first; all, if it is not said
 * @property {boolean} late it was handed over only when its time had come, so it has none
 */

/** What is to leave sooner leaves at once, in milliseconds. */
const SOONEST = 60_000;

/** Whether its texts leave as soon as they are handed over. @param {Terms} terms @param {number} now */
export const isDue = ({ sendAt }, now) => sendAt === null || Date.parse(sendAt) < now + SOONEST;

/** @param {string} id @param {number} place */
export const partName = (id, place) => `${id} part ${String(place).padStart(4, '0')}`;

/** @param {string} id @param {number} place */
export const listName = (id, place) => `${id} list ${String(place).padStart(4, '0')}`;

/** @param {Campaign} campaign @returns {string[]} what belongs to it */
export const partNames = ({ id, parts, lists }) => [
  ...Array.from({ length: parts }, (_, place) => partName(id, place)),
  ...Array.from({ length: lists }, (_, place) => listName(id, place)),
];

/** When its next part may be handed over; `null` if there is none. @param {Campaign} campaign */
export const dueAt = ({ open, until }) => (open.length === 0 ? null : Math.max(until, Math.min(...open.map(({ notBefore }) => notBefore))));

/** How much of it is decided. @param {Campaign} campaign */
export const decided = ({ accepted, refused }) => accepted + refused;
