import { json } from './client.js';
import { opened } from './files.js';
import { ask } from './http.js';

/** @import { Message } from './types.js' */

/** @param {string} id @param {string} what */
const ofInbox = (id, what) => `inbox/unassigned/${encodeURIComponent(id)}/${what}`;

/** @param {string} id @returns {Promise<Message>} */
export const claim = (id) => json(ofInbox(id, 'claim'), { method: 'POST' });

/** @param {string} id @param {string} username */
export const assign = (id, username) => ask(ofInbox(id, 'assign'), { method: 'POST', body: { username } });

/** A picture or another file of a text that belongs to nobody. @param {string} id @param {number} index @param {AbortSignal} signal */
export const unassignedMedium = (id, index, signal) => opened(ofInbox(id, `media/${index}`), index, signal);
