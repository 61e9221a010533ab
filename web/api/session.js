import { Channel } from '../lib/channel.js';
import { forget, recall, remember } from '../lib/storage.js';

/**
 * Who is logged in. The token lives in this tab only.
 *
 * @typedef {object} Session
 * @property {string} token
 * @property {string} user the username's hash
 * @property {string} name
 * @property {number} renewAt milliseconds since 1970
 * @property {boolean} expired to be logged in again, without losing anything
 */

/** @type {Session | null} */
let current = recall('session');

/** @type {Channel<Session | null>} */
export const sessions = new Channel();

export const session = () => current;

/** @param {Session | null} next */
function set(next) {
  current = next;
  remember('session', next);
  sessions.emit(next);
}

/** @param {import('./types.js').Login} login @param {string} name */
export function begin(login, name) {
  // Another user finds nothing of the one before.
  if (current && current.user !== login.username_hash) forget();
  set({
    token: login.token,
    user: login.username_hash,
    name,
    // At half of its life, so that there is time left if it does not work at once.
    renewAt: Date.now() + login.expires_in * 500,
    expired: false,
  });
}

/** @param {string} token that is not good any more */
export function expire(token) {
  if (current?.token === token && !current.expired) set({ ...current, expired: true });
}

/** Leaves nothing behind. */
export function end() {
  forget();
  set(null);
}

/** @param {AbortSignal} signal @returns {Promise<void>} until the user is logged in again */
export function loggedInAgain(signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      resolve();
    };
    signal.addEventListener('abort', done, { signal: over.signal });
    sessions.on((next) => next && !next.expired && done(), over.signal);
    if (signal.aborted || (current && !current.expired)) done();
  });
}
