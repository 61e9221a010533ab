import { Unreachable, ask } from './http.js';
import { page } from './page.js';

/** @import { Message, Page } from './types.js' */

/**
 * @typedef {object} Search
 * @property {string} [q] a part of the text
 * @property {string} [recipient] whom it was exchanged with
 * @property {string} [number] a part of the number
 * @property {string} [reference]
 * @property {string} [status] one, or several with commas
 * @property {string} [tag] as `key:value`
 * @property {number} [limit] of a page
 * @property {'outbound' | 'inbound' | 'any'} [direction] which way they went; `outbound`, unless it is said
 */

/** @param {Search} search @param {string | null} cursor @returns {Promise<Page<Message>>} newest first */
export const find = (search, cursor) =>
  page('messages', { query: { limit: 50, ...search, order: 'desc', cursor } });

/** @param {Search} search @param {'text/csv' | 'application/x-ndjson'} kind @returns {Promise<Blob>} */
export async function exported(search, kind) {
  const answer = await ask('messages', { query: { ...search }, headers: { Accept: kind } });
  // A list that was broken off must not pass for a whole one.
  return answer.blob().catch(() => {
    throw new Unreachable();
  });
}

/** All texts that are looked for, one after the other, however many they are. @param {Search} search @param {AbortSignal} signal @returns {AsyncGenerator<Message, void, void>} */
export async function* every(search, signal) {
  const { body } = await ask('messages', { query: { ...search }, headers: { Accept: 'application/x-ndjson' }, signal });
  let rest = '';
  try {
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  } catch {
    // A list that was broken off must not pass for a whole one.
    throw new Unreachable();
  }
}
