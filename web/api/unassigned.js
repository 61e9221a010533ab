import { json } from './client.js';
import { ask } from './http.js';

/** @import { Message } from './types.js' */

/** @param {string} id @param {'claim' | 'assign'} what */
const ofInbox = (id, what) => `inbox/unassigned/${encodeURIComponent(id)}/${what}`;

/** @param {string} id @returns {Promise<Message>} */
export const claim = (id) => json(ofInbox(id, 'claim'), { method: 'POST' });

/** @param {string} id @param {string} username */
export const assign = (id, username) => ask(ofInbox(id, 'assign'), { method: 'POST', body: { username } });
