import { Problem, exchange } from './exchange.js';
import { refresh } from './login.js';
import { expire, session } from './session.js';

/** @import { Call } from './exchange.js' */

export { Problem, Unreachable, problemOf, sentence } from './exchange.js';

/**
 * Asks in the name of whoever is logged in. When their token has ended, the browser's cookie may bring another
 * one; otherwise they are asked to log in again.
 *
 * @param {string} path
 * @param {Call} [call]
 * @returns {Promise<Response>} an answer that says yes
 */
export async function ask(path, call = {}) {
  if (call.open || !session()) return exchange(path, call, null);
  if (session()?.token === null) await again(null);
  const token = session()?.token ?? null;
  try {
    return await exchange(path, call, token);
  } catch (error) {
    if (!isOver(error) || !token || !(await again(token))) throw error;
  }
  const newer = session()?.token ?? null;
  try {
    return await exchange(path, call, newer);
  } catch (error) {
    if (isOver(error) && newer) expire(newer);
    throw error;
  }
}

/** @param {unknown} error */
const isOver = (error) => error instanceof Problem && error.status === 401;

/** @param {string | null} token that is not good any more @returns {Promise<boolean>} whether there is another one */
async function again(token) {
  // Renewed while the request was under way?
  const newer = session();
  if (newer && !newer.expired && newer.token !== token) return true;
  if (newer?.cookie && (await refresh(token))) return true;
  expire(token);
  return false;
}
