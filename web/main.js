import { settings } from './api/client.js';
import { sentence } from './api/http.js';
import { session, sessions } from './api/session.js';
import { fill, h } from './lib/dom.js';
import { go, place } from './lib/router.js';
import { Desk } from './model/desk.js';
import { failed } from './parts/states.js';
import { authView } from './views/auth.js';
import { homeView } from './views/home.js';
import { relogin } from './views/relogin.js';

/** @import { ClientSettings } from './api/types.js' */

const app = /** @type {HTMLElement} */ (document.getElementById('app'));

/** Shows what fits whoever is logged in, or nobody. @param {ClientSettings} told */
function run(told) {
  let over = new AbortController();
  /** @type {string | null | undefined} */
  let shown;
  /** @type {HTMLDialogElement | null} */
  let asking = null;

  const door = (/** @type {boolean} */ moved) => {
    const way = place().path[0] === 'signup' ? 'signup' : 'login';
    const view = authView(told, way);
    document.title = `${view.title} – MySMS`;
    fill(app, view.element);
    if (moved) view.focus();
  };
  const show = () => {
    const now = session();
    const user = now?.user ?? null;
    if (user !== shown) {
      const first = shown === undefined;
      shown = user;
      over.abort();
      over = new AbortController();
      if (user) {
        if (['login', 'signup'].includes(place().path[0] ?? '')) go('#/', { replace: true });
        fill(app, homeView(told, new Desk(user, over.signal), over.signal));
      } else {
        if (!first) go('#/login', { replace: true });
        addEventListener('hashchange', () => door(true), { signal: over.signal });
        door(!first);
      }
    }
    if (now?.expired && !asking?.open) asking = relogin();
    else if (!now?.expired && asking?.open) asking.close();
  };
  sessions.on(show, new AbortController().signal);
  show();
}

async function start() {
  try {
    run(await settings());
  } catch (error) {
    fill(app, h('main', { class: 'alone' }, h('h1', {}, 'MySMS'), failed('Not loaded', sentence(error), start)));
  }
}

start();
