import { settings } from './api/client.js';
import { Unreachable, sentence } from './api/http.js';
import { comeBack, restore } from './api/login.js';
import { session, sessions } from './api/session.js';
import { version } from './lib/base.js';
import { fill, h } from './lib/dom.js';
import { go, place } from './lib/router.js';
import { inBrowser, inTab } from './lib/storage.js';
import { words } from './lib/words.js';
import { installWorker } from './lib/worker.js';
import { Desk, keptOf } from './model/desk.js';
import { failed } from './parts/states.js';
import { authView } from './views/auth.js';
import { mayForget } from './views/forgetting.js';
import { homeView } from './views/home.js';
import { relogin } from './views/relogin.js';

/** @import { ClientSettings } from './api/types.js' */

const app = /** @type {HTMLElement} */ (document.getElementById('app'));

/**
 * Shows what fits whoever is logged in, or nobody.
 *
 * @param {ClientSettings} told
 * @returns {(told: ClientSettings) => void} shows it anew
 */
function run(told) {
  let over = new AbortController();
  /** @type {string | null | undefined} */
  let shown;
  /** @type {HTMLDialogElement | null} */
  let asking = null;
  /** @type {Desk | null} */
  let desk = null;
  /** Somebody was logged in for certain. */
  let wasIn = false;

  const door = (/** @type {boolean} */ moved) => {
    const way = place().path[0] === 'signup' ? 'signup' : 'login';
    const view = authView(told, way);
    document.title = `${view.title} – MySMS`;
    fill(app, view.element);
    if (moved) view.focus();
  };
  const home = async (/** @type {string} */ user, /** @type {AbortSignal} */ signal) => {
    const kept = await keptOf(user, Boolean(session()?.kept));
    if (signal.aborted) return;
    desk = new Desk(user, kept, signal);
    fill(app, homeView(told, desk, signal));
  };
  const show = () => {
    const now = session();
    const user = now?.user ?? null;
    if (user !== shown) {
      shown = user;
      over.abort();
      over = new AbortController();
      desk = null;
      if (user) {
        if (['login', 'signup'].includes(place().path[0] ?? '')) go('#/', { replace: true });
        home(user, over.signal);
      } else {
        if (wasIn) go('#/login', { replace: true });
        addEventListener('hashchange', () => door(true), { signal: over.signal });
        door(wasIn);
      }
    }
    if (now?.token) wasIn = true;
    if (now?.expired && !asking?.open) asking = relogin(async () => !desk || mayForget(desk));
    else if (!now?.expired && asking?.open) asking.close();
  };
  sessions.on(show, new AbortController().signal);
  show();
  return (next) => {
    told = next;
    shown = undefined;
    show();
  };
}

/** What the server says of itself; without a network what it said last. @returns {Promise<ClientSettings>} */
async function known() {
  try {
    const told = await settings();
    if (isOld(told)) return again();
    inBrowser.remember('settings', told);
    return told;
  } catch (error) {
    /** @type {ClientSettings | null} */
    const last = inBrowser.recall('settings');
    if (!last || !(error instanceof Unreachable)) throw error;
    return last;
  }
}

/** Whether the server has other files by now, and was not asked for them in vain before. @param {ClientSettings} told */
function isOld({ web }) {
  if (web === version || inTab.recall('asked for') === web) return false;
  inTab.remember('asked for', web);
  // Where nothing can be remembered this would never end.
  return inTab.recall('asked for') === web;
}

/** Loads the page again, and lets nothing go on until then. @returns {Promise<never>} */
function again() {
  location.reload();
  return new Promise(() => {});
}

/** Shows at once what was there the last time, while the server is asked. @param {ClientSettings} last */
async function startEarly(last) {
  // Whether the login goes on is heard before anything asks in its name.
  restore();
  const anew = run(last);
  const told = await known().catch(() => last);
  if (JSON.stringify(told) !== JSON.stringify(last)) anew(told);
}

async function start() {
  const last = inBrowser.recall('settings');
  if (last && comeBack()) return startEarly(last);
  try {
    const [told] = await Promise.all([known(), restore()]);
    run(told);
  } catch (error) {
    fill(app, h('main', { class: 'alone' }, h('h1', {}, 'MySMS'), failed(words.common.notLoaded, sentence(error), start)));
  }
}

start();
// It fetches all the rest, which what is shown first does not wait for.
if (document.readyState === 'complete') installWorker();
else addEventListener('load', installWorker);
