import { alone } from '../lib/lock.js';
import { inBrowser } from '../lib/storage.js';
import { Problem, Unreachable, exchange } from './exchange.js';
import { askOthers, begin, end, forgetCookie, forgetOld, giveUp, keeper, known, resume, session } from './session.js';

/** @import { Login, Refreshed } from './types.js' */

/** Whether whoever logged in here last wanted to stay logged in. */
export const wantedToStay = () => inBrowser.recall('stay') === true;

/**
 * Somebody has shown their password: the browser gets a cookie, so that all tabs are logged in.
 *
 * @param {Login} login
 * @param {string} name
 * @param {boolean} kept also when the browser is closed
 */
export async function enter(login, name, kept) {
  const call = { method: 'POST', body: { keep: kept }, cookie: true };
  const cookie = await exchange('session/cookie', call, login.token).then(
    () => true,
    // Then this tab alone is logged in.
    () => false,
  );
  inBrowser.remember('stay', kept || null);
  if (cookie) inBrowser.remember('left', null);
  begin(login, name, { cookie, kept });
}

/** @type {Promise<boolean> | null} */
let underWay = null;

/**
 * Gets a new token by the cookie, unless another tab has got one meanwhile. Fails if there is no answer.
 *
 * @param {string | null} old
 * @returns {Promise<boolean>} whether the login goes on
 */
export function refresh(old) {
  underWay ??= renewed(old).finally(() => {
    underWay = null;
  });
  return underWay;
}

/** @param {string | null} old */
async function renewed(old) {
  return (old === null && (await askOthers())) || alone('login', () => exchangeCookie(old));
}

/** @param {string | null} old @returns {Promise<boolean>} */
async function exchangeCookie(old) {
  const now = session();
  if (now?.token && !now.expired && now.token !== old) return true;
  try {
    const answer = await exchange('session/refresh', { method: 'POST', cookie: true }, null);
    /** @type {Refreshed} */
    const login = await answer.json();
    if (!isOurs(login)) {
      forgetCookie();
      return false;
    }
    begin(login, login.username, { cookie: true, kept: login.kept });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      forgetCookie();
      return false;
    }
    throw error instanceof Problem ? error : new Unreachable();
  }
}

/**
 * Whether a login is the one that this browser had: another page of the site's may have planted the cookie of
 * somebody else, as whom the user would go on without noticing.
 *
 * @param {Login} login
 */
function isOurs({ username_hash: user }) {
  const had = known()?.user ?? session()?.user;
  return had === undefined || had === user;
}

/**
 * Goes on at once as whoever this browser keeps logged in, before the server has said that they are.
 *
 * @returns {boolean} whether there is somebody
 */
export function comeBack() {
  const login = known();
  if (!login || !keeper() || inBrowser.recall('left')) return false;
  forgetOld();
  if (!session()) resume(login);
  return session()?.user === login.user && !session()?.expired;
}

/** Goes on with the login of this browser, if there is one. Fails if the server does not say whether. */
export async function restore() {
  if (inBrowser.recall('left')) await leave();
  forgetOld();
  const login = known();
  if (session()?.token || !login) return;
  try {
    if (!(await refresh(null))) giveUp();
  } catch (error) {
    // Without a network it is seen later.
    if (session()) return;
    if (!(error instanceof Unreachable)) throw error;
    resume(login);
  }
}

/** Logs out, and forgets everything here, whether or not the server hears of it. */
export async function logOut() {
  const now = session();
  if (now?.cookie) await leave();
  else if (now?.token) await exchange('logout', { method: 'POST', within: 5000 }, now.token).catch(() => {});
  await end();
}

/** Ends the login of the cookie, and takes the cookie away; if that does not work, before the next login. */
async function leave() {
  inBrowser.remember('left', true);
  await exchange('session/cookie', { method: 'DELETE', cookie: true, within: 5000 }, null).then(
    () => inBrowser.remember('left', null),
    () => {},
  );
}
