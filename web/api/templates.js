import { json } from './client.js';
import { ask } from './http.js';

/** @import { Template } from './types.js' */

/** @param {string} id */
const template = (id) => `templates/${encodeURIComponent(id)}`;

/** @param {{name: string, content: string}} wanted @returns {Promise<Template>} */
export const makeTemplate = (wanted) => json('templates', { method: 'POST', body: wanted });

/** @param {string} id @param {{name: string, content: string}} wanted @returns {Promise<Template>} */
export const putTemplate = (id, wanted) => json(template(id), { method: 'PUT', body: wanted });

/** @param {string} id */
export const removeTemplate = (id) => ask(template(id), { method: 'DELETE' });
