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
  const next = /<([^>]*)>; rel="next"/.exec(answer.headers.get('Link') ?? '')?.[1];
  const cursor = next ? new URL(next, answer.url).searchParams.get('cursor') : null;
  const items = await answer.json().catch(() => {
    throw new Unreachable();
  });
  return { items, next: cursor };
}
