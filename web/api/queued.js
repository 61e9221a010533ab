import { page } from './page.js';

/** @import { Message } from './types.js' */

/** Texts of ours that wait to be sent, by a tag that is written `key:value`: the newest. @param {string} tag @param {number} limit @param {AbortSignal} signal @returns {Promise<Message[]>} */
export const queued = async (tag, limit, signal) => (await page('messages', { query: { tag, status: 'queued', limit, order: 'desc' }, signal })).items;
