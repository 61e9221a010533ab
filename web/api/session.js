import { Channel } from '../lib/channel.js';
import { erase, rememberOnly } from '../lib/drawer.js';
import { inBrowser, inTab } from '../lib/storage.js';
import { Tabs } from '../lib/tabs.js';

/**
 * Who is logged in, in every tab of this browser. The token is known to the tabs alone; what a closed browser
 * keeps is a cookie that no script sees.
 *
 * @typedef {object} Session
 * @property {string | null} token `null`: whether the login goes on could not be asked yet
 * @property {string} user the username's hash
 * @property {string} name
 * @property {number} renewAt milliseconds since 1970
 * @property {boolean} expired to be logged in again, without losing anything
 * @property {boolean} cookie whether the browser has one for this login
 * @property {boolean} kept whether it keeps that when it is closed
 *
 * @typedef {Pick<Session, 'user' | 'name' | 'kept'>} Known whose login the browser's cookie is
 */

/** How long other tabs are waited for, in milliseconds. */
const OTHERS = 200;

/** @type {Session | null} */
let current = inTab.recall('session');

/** @type {Channel<Session | null>} */
export const sessions = new Channel();

const tabs = new Tabs('login');
const always = new AbortController().signal;

export const session = () => current;

/** @returns {Known | null} */
export const known = () => inBrowser.recall('login');

/** Whose login this browser keeps when it is closed, and what they saw last with it. @returns {string | null} */
export function keeper() {
  const login = known();
  return login?.kept ? login.user : null;
}

/** @param {Session | null} next */
function set(next) {
  current = next;
  inTab.remember('session', next);
  sessions.emit(next);
}

/**
 * @param {import('./types.js').Login} login
 * @param {string} name
 * @param {{cookie: boolean, kept: boolean}} how
 */
export function begin(login, name, { cookie, kept }) {
  const next = {
    token: login.token,
    user: login.username_hash,
    name,
    // At half of its life, so that there is time left if it does not work at once.
    renewAt: Date.now() + login.expires_in * 500,
    expired: false,
    cookie,
    kept,
  };
  if (cookie) inBrowser.remember('login', { user: next.user, name, kept });
  rememberOnly(keeper() === next.user ? next.user : null);
  set(next);
  if (cookie) tabs.tell('login', next);
}

/** Goes on without a token until the server can be asked. @param {Known} known */
export function resume({ user, name, kept }) {
  set({ token: null, user, name, renewAt: 0, expired: false, cookie: true, kept });
}

/** @param {string | null} token that is not good any more */
export function expire(token) {
  if (current?.token !== token || current.expired) return;
  rememberOnly(null);
  set({ ...current, expired: true });
}

/** Nobody is logged in after all. */
export function giveUp() {
  if (current?.token === null) set(null);
}

/** Forgets a login that this tab remembers, but not the browser: that was logged out, or is somebody else's by now. */
export function forgetOld() {
  if (current?.cookie && known()?.user !== current.user) set(null);
}

/** The browser has no cookie that is good. */
export function forgetCookie() {
  inBrowser.remember('login', null);
  rememberOnly(null);
}

/** Leaves nothing behind, in any tab. @returns {Promise<void>} */
export async function end() {
  const user = current?.user;
  forgetCookie();
  inTab.forget();
  set(null);
  if (!user) return;
  tabs.tell('logout', user);
  await erase(user);
}

/** @returns {Promise<boolean>} whether another tab has told its login */
export function askOthers() {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      clearTimeout(timer);
      resolve(Boolean(current?.token));
    };
    const timer = setTimeout(done, OTHERS);
    sessions.on(done, over.signal);
    tabs.tell('login?');
  });
}

tabs.on('login', set, always);
tabs.on('login?', () => current?.cookie && current.token && !current.expired && tabs.tell('login', current), always);
tabs.on('logout', (user) => current?.user === user && (inTab.forget(), set(null)), always);

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
