import { ask } from './http.js';
import { json } from './client.js';
import { page } from './page.js';

/** @import { Contact, ContactBatchAnswer, ConversationMarks, Page, Template } from './types.js' */

/** As many contacts as the server takes and gives at a time. */
export const MOST_AT_ONCE = 500;
const LONGEST_PAGE = 1000;

/** @param {string} number */
const contact = (number) => `contacts/${encodeURIComponent(number)}`;

/** @param {string | null} cursor @returns {Promise<Page<Contact>>} by number */
export const contacts = (cursor) => page('contacts', { query: { limit: LONGEST_PAGE, cursor } });

/** @param {Contact} wanted @returns {Promise<Contact>} */
export const putContact = ({ number, ...known }) => json(contact(number), { method: 'PUT', body: known });

/** @param {string} number */
export const removeContact = (number) => ask(contact(number), { method: 'DELETE' });

/** @param {Contact[]} wanted at most 500 @returns {Promise<ContactBatchAnswer>} */
export const putContacts = (wanted) => json('contacts/batch', { method: 'POST', body: { contacts: wanted }, within: 40_000 });

/** @returns {Promise<Template[]>} in the order in which they were made */
export const templates = () => json('templates');

/** @param {string} id */
const template = (id) => `templates/${encodeURIComponent(id)}`;

/** @param {{name: string, content: string}} wanted @returns {Promise<Template>} */
export const makeTemplate = (wanted) => json('templates', { method: 'POST', body: wanted });

/** @param {string} id @param {{name: string, content: string}} wanted @returns {Promise<Template>} */
export const putTemplate = (id, wanted) => json(template(id), { method: 'PUT', body: wanted });

/** @param {string} id */
export const removeTemplate = (id) => ask(template(id), { method: 'DELETE' });

/** @param {string} number */
const conversation = (number) => `conversations/${encodeURIComponent(number)}`;

/** @param {string} number @param {{pinned?: boolean, archived?: boolean, unread?: boolean}} marks @returns {Promise<ConversationMarks>} */
export const mark = (number, marks) => json(conversation(number), { method: 'PATCH', body: marks });

/** @param {string} number @param {string} up_to the last message that was seen @returns {Promise<{deleted: number}>} */
export const removeConversation = (number, up_to) => json(conversation(number), { method: 'DELETE', query: { up_to }, within: 60_000 });
