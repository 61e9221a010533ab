import { json } from './client.js';
import { page } from './page.js';

/** @import { Contact, ConversationMarks, Page, Template } from './types.js' */

/** As many contacts as the server gives at a time. */
const LONGEST_PAGE = 1000;

/** @param {string | null} cursor @returns {Promise<Page<Contact>>} by number */
export const contacts = (cursor) => page('contacts', { query: { limit: LONGEST_PAGE, cursor } });

/** @returns {Promise<Template[]>} in the order in which they were made */
export const templates = () => json('templates');

/** @param {string} number */
const conversation = (number) => `conversations/${encodeURIComponent(number)}`;

/** @param {string} number @param {{pinned?: boolean, archived?: boolean, unread?: boolean}} marks @returns {Promise<ConversationMarks>} */
export const mark = (number, marks) => json(conversation(number), { method: 'PATCH', body: marks });

/** @param {string} number @param {string} up_to the last message that was seen @returns {Promise<{deleted: number}>} */
export const removeConversation = (number, up_to) => json(conversation(number), { method: 'DELETE', query: { up_to }, within: 60_000 });
