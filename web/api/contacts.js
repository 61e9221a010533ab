import { json } from './client.js';
import { ask } from './http.js';

/** @import { Contact, ContactBatchAnswer } from './types.js' */

/** As many contacts as the server takes at a time. */
export const MOST_AT_ONCE = 500;

/** @param {string} number */
const contact = (number) => `contacts/${encodeURIComponent(number)}`;

/** @param {Contact} wanted @returns {Promise<Contact>} */
export const putContact = ({ number, ...known }) => json(contact(number), { method: 'PUT', body: known });

/** @param {string} number */
export const removeContact = (number) => ask(contact(number), { method: 'DELETE' });

/** @param {Contact[]} wanted at most 500 @returns {Promise<ContactBatchAnswer>} */
export const putContacts = (wanted) => json('contacts/batch', { method: 'POST', body: { contacts: wanted }, within: 40_000 });
