import { Unreachable, ask } from './http.js';

/** @import { Call } from './exchange.js' */
/** @import { Page } from './types.js' */

/**
 * @param {string} path
 * @param {Call} call
 * @returns {Promise<Page<any>>}
 */
export async function page(path, call) {
  const answer = await ask(path, call);
  const items = await answer.json().catch(() => {
    throw new Unreachable();
  });
  return { items, next: answer.headers.get('X-Next-Cursor'), previous: answer.headers.get('X-Prev-Cursor') };
}
