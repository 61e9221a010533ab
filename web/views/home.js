import { session } from '../api/session.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { conversationPlace, place } from '../lib/router.js';
import { words } from '../lib/words.js';
import { briefStatus, disabledBy, said } from '../model/wording.js';
import { connectionBar } from '../parts/connection.js';
import { ribbon } from '../parts/ribbon.js';
import { empty, failed, loading } from '../parts/states.js';
import { conversationList } from './conversations.js';
import { keyboard } from './keyboard.js';
import { noticesHint } from './notices.js';

/** @import { ClientSettings } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/**
 * What is shown beside the conversations.
 *
 * @typedef {{element: HTMLElement, title: string, focus: () => void}} View
 */

/** The views that are not seen first, once they are there. @type {typeof import('./rest.js') | null} */
let rest = null;

/**
 * The conversations, and beside them what was chosen.
 *
 * @param {ClientSettings} settings
 * @param {Desk} desk
 * @param {AbortSignal} signal
 */
export function homeView(settings, desk, signal) {
  const stage = h('div', { class: 'stage', tabindex: '-1' });
  const list = conversationList(desk, signal);
  const skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    stage.focus();
  };
  const panes = h('main', { class: 'panes' }, list.element, stage);
  const element = h(
    'div',
    { class: 'home' },
    h(
      'header',
      {},
      h('h1', { class: 'unseen' }, 'MySMS Messenger'),
      h('a', { class: 'skip', href: '#/', onclick: skip }, words.home.skip),
      ribbon(settings),
      connectionBar(desk, signal),
      noticesHint(desk, signal),
    ),
    panes,
  );

  let over = new AbortController();
  let title = '';
  const name = () => {
    const unread = desk.conversations.unread();
    document.title = `${unread ? `(${unread}) ` : ''}${title ? `${title} – ` : ''}MySMS`;
    badge(unread);
  };
  const render = (/** @type {boolean} */ moved) => {
    over.abort();
    over = new AbortController();
    if (place().path.length && !rest) return fetchRest(moved, over.signal);
    const view = rest?.viewAt(settings, desk, over.signal) ?? null;
    panes.classList.toggle('chosen', view !== null);
    list.choose(place().path);
    title = view?.title ?? '';
    fill(stage, view?.element ?? nothing());
    name();
    if (!moved) return;
    if (view) view.focus();
    else list.focus();
  };
  const fetchRest = async (/** @type {boolean} */ moved, /** @type {AbortSignal} */ left) => {
    panes.classList.add('chosen');
    list.choose(place().path);
    fill(stage, loading(3, 'bubbles'));
    try {
      rest = await import('./rest.js');
      if (!left.aborted) render(moved);
    } catch {
      // Another version may be there by now, so the whole page is loaded again.
      if (!left.aborted) fill(stage, failed(words.common.notLoaded, words.home.partMissing, () => location.reload()));
    }
  };
  addEventListener('hashchange', () => render(true), { signal });
  signal.addEventListener('abort', () => {
    over.abort();
    badge(0);
  });
  desk.conversations.changes.on(name, signal);
  tell(desk, signal);
  keyboard(desk, element, list, signal);
  render(false);
  return element;
}

const nothing = () =>
  empty(
    'talk',
    words.home.hello(session()?.name ?? ''),
    words.home.begin,
    h('a', { class: 'button primary', href: '#/new' }, words.common.newMessage),
  );

/** The number at the icon of the installed page, where systems show one. @param {number} unread */
function badge(unread) {
  navigator.setAppBadge?.(unread).catch(() => {});
}

/** Reads out what happens. @param {Desk} desk @param {AbortSignal} signal */
function tell(desk, signal) {
  desk.arrivals.on((message) => {
    announce(words.home.arrived(desk.contacts.shown(message.counterpart), said(message)));
  }, signal);
  desk.news.on((message) => {
    const here = location.hash.split('?')[0] === conversationPlace(message.counterpart);
    announce(here ? words.home.ours(briefStatus(message)) : words.home.oursTo(desk.contacts.shown(message.counterpart), briefStatus(message)));
  }, signal);
  desk.webhooks.on((disabled) => {
    // Whoever did it knows.
    if (disabled && disabled.disabled_by !== 'owner') announce(words.home.webhookDisabled(disabledBy(disabled.disabled_by)));
  }, signal);
}
