import { json } from './client.js';
import { page } from './page.js';

/** @import { LiftedOptOut, ListedOptOut, OptOut, Page } from './types.js' */

/** Who wrote what only looks like a STOP, to the senders that the user looks after. @param {number} limit @param {string | null} cursor @returns {Promise<Page<ListedOptOut>>} */
export const maybes = (limit, cursor) => page('opt-outs', { query: { state: 'maybe', limit, cursor } });

/** What somebody wants of our texts. @param {string} number @returns {Promise<OptOut>} */
export const optOut = (number) => json(ofOptOut(number));

/** They want no texts from a sender, or from any. @param {string} number @param {string | null} sender @returns {Promise<OptOut>} */
export const putOptOut = (number, sender) => json(ofOptOut(number), { method: 'PUT', body: sender === null ? {} : { sender } });

/** They want them again. @param {string} number @param {string | null} sender @returns {Promise<LiftedOptOut>} */
export const liftOptOut = (number, sender) => json(ofOptOut(number), { method: 'DELETE', query: sender === null ? {} : { sender } });

/** @param {string} number */
const ofOptOut = (number) => `opt-outs/${encodeURIComponent(number)}`;
