/** @import { Class, Message } from '../api/types.js' */

/**
 * A file of a text that the server has.
 *
 * @typedef {object} Attached
 * @property {string} id empty if a text has it already, and it is not for the user to remove it
 * @property {string} url by which a text asks for it
 * @property {string} type
 * @property {number} size
 * @property {string} name for its user
 */

/**
 * A text as its user wants it.
 *
 * @typedef {object} Wanted
 * @property {string} content
 * @property {string | null} sendAt by the clocks of `zone` if there is one, otherwise a moment
 * @property {string} [zone] whose clocks `sendAt` is read from
 * @property {string} [from] what it is to leave from; otherwise the server chooses
 * @property {Class} [kind]
 * @property {Attached[]} [files] pictures and other files that go with it
 * @property {number} [validity] how long it is tried, in seconds; otherwise the server chooses
 * @property {string} [reference]
 * @property {Record<string, string>} [tags]
 * @property {boolean} [smart] whether plain characters may be sent for those that make it dear; otherwise as the user has set it
 *
 * @typedef {object} TextRequest what the API is asked for
 * @property {string} recipient
 * @property {string} [content]
 * @property {string[]} [media_urls]
 * @property {string} [send_at]
 * @property {string} [send_at_local]
 * @property {string} [time_zone]
 * @property {string} [from]
 * @property {Class} [class]
 * @property {boolean} [smart_encoding]
 * @property {number} [validity_seconds]
 * @property {string} [reference]
 * @property {Record<string, string>} [tags]
 */

/** Whether the server has a file, rather than somebody else. @param {string} url */
export const isUpload = (url) => url.startsWith('upload:');

/** Nothing is written, and nothing chosen. @type {Wanted} */
export const NOTHING = { content: '', sendAt: null };

/** @param {Wanted} text @returns {boolean} */
export const isNothing = ({ content, sendAt, from, kind, files }) => !(content || sendAt || from || kind || files?.length);

/** @param {Wanted} text @returns {boolean} there is something to send */
export const isSomething = ({ content, files }) => content.trim() !== '' || Boolean(files?.length);

/**
 * The part of a request that the user chose. What they left alone is not in it, so that one who chose
 * nothing asks for nothing.
 *
 * @param {Wanted} text
 * @returns {Omit<TextRequest, 'recipient'>}
 */
export function asRequest({ content, sendAt, zone, from, kind, smart, validity, reference, tags, files = [] }) {
  return {
    ...((content.trim() || files.length === 0) && { content }),
    ...(files.length > 0 && { media_urls: files.map(({ url }) => url) }),
    ...(sendAt && (zone === undefined ? { send_at: sendAt } : { send_at_local: `${sendAt}:00`, time_zone: zone })),
    ...(from && { from }),
    ...(kind && { class: kind }),
    ...(smart !== undefined && { smart_encoding: smart }),
    ...(validity !== undefined && { validity_seconds: validity }),
    ...(reference !== undefined && { reference }),
    ...(tags && { tags }),
  };
}

/** What a text that takes another one's place has of it: from what it left, and what its user's program noted. @param {Pick<Message, 'sender' | 'reference' | 'tags'>} message @returns {Pick<Wanted, 'from' | 'reference' | 'tags'>} */
export const labelsOf = ({ sender, reference, tags }) => ({
  ...(sender && { from: sender }),
  ...(reference !== null && { reference }),
  ...(Object.keys(tags).length > 0 && { tags }),
});

/** The tag that the texts have in common which one message to several is made of. */
export const TOGETHER = 'batch';

/** More texts at a time are of the kind that leaves after all others, as the API has it. */
const BULK = 100;

/**
 * A text as one of several that are sent together. What the server would choose by their number is said, because a
 * part of them may be sent once more.
 *
 * @param {number} count
 * @param {Wanted} text
 * @param {string} batch by which they are found
 * @returns {Wanted}
 */
export const asOneOf = (count, text, batch) => ({
  ...text,
  kind: text.kind ?? (count > BULK ? 'bulk' : 'transactional'),
  tags: { ...text.tags, [TOGETHER]: batch },
});
