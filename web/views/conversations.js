import { setAttribute, fill, h, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { conversationPlace } from '../lib/router.js';
import { roving } from '../lib/roving.js';
import { brief } from '../lib/time.js';
import { words } from '../lib/words.js';
import { exchangedAt } from '../model/standing.js';
import { hasFailed, isScheduled, said, statusName } from '../model/wording.js';
import { asOf, showAge } from '../parts/as-of.js';
import { avatar } from '../parts/avatar.js';
import { empty, failed, loading } from '../parts/states.js';
import { later } from './later.js';

/** @import { Show } from '../api/client.js' */
/** @import { Conversation, Message } from '../api/types.js' */
/** @import { IconName } from '../lib/icons.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */

/** A conversation, or one that begins with what waits here. @typedef {Pick<Conversation, 'counterpart' | 'unread' | 'opted_out' | 'pinned' | 'marked_unread'> & {last_message: Message | null}} Item */

/** What can be shown of them: what is pinned is above all others anyway. @typedef {Exclude<Show, 'pinned'>} Filter */

/** @type {Filter[]} */
const FILTERS = ['inbox', 'unread', 'failed', 'waiting', 'archived'];

/** @param {Desk} desk @param {AbortSignal} signal */
export function conversationList(desk, signal) {
  let conversations = desk.conversations;
  let shown = new AbortController();
  let chosen = '';
  const rows = h('ul', { class: 'rows' });
  const stops = roving(rows);
  const list = new KeyedList(rows, (item) => item.counterpart, (item) => row(desk, item, () => chosen));
  const rest = h('div', {});
  const sign = asOf();
  const heading = h('h2', { tabindex: '-1' }, words.list.title);

  const more = () => h('button', { type: 'button', class: 'button wide', onclick: () => conversations.more() }, words.common.loadMore);
  const again = () => conversations.load();
  const render = () => {
    const known = conversations.shown();
    const items = [...(conversations.show === 'inbox' ? beginning(desk, known) : []), ...known];
    list.show(items);
    stops.renew();
    rows.hidden = items.length === 0;
    showAge(sign, conversations);
    if (conversations.before) fill(rest, conversations.state === 'failed' && h('button', { type: 'button', class: 'button wide', onclick: again }, words.common.tryAgain));
    else if (conversations.state === 'loading') fill(rest, loading(6, 'rows'));
    else if (conversations.state === 'failed') fill(rest, failed(words.common.notLoaded, conversations.failure ?? '', again));
    else if (items.length === 0) fill(rest, conversations.show === 'inbox' ? empty('talk', words.list.none, words.list.noneHint) : empty('talk', words.list.noneSuch, ''));
    else fill(rest, conversations.next && more());
  };
  /** @param {Filter} show */
  const filter = (show) => {
    shown.abort();
    shown = new AbortController();
    signal.addEventListener('abort', () => shown.abort(), { signal: shown.signal });
    conversations = desk.choose(show);
    conversations.changes.on(render, shown.signal);
    for (const button of filters.children) setAttribute(button, 'aria-pressed', String(button.getAttribute('data-show') === show));
    render();
  };
  const filters = h(
    'div',
    { class: 'filters', role: 'group', 'aria-label': words.list.filters },
    ...FILTERS.map((show) => h('button', { type: 'button', class: 'chip', 'data-show': show, onclick: () => filter(show) }, words.list.filter[show])),
  );
  desk.contacts.changes.on(render, signal);
  desk.setup.changes.on(render, signal);
  for (const kind of ['online', 'offline']) addEventListener(kind, render, { signal });
  desk.outbox.changes.on(render, signal);
  // What is typed here is shown once something else is chosen.
  desk.drafts.elsewhere.on((place) => place !== chosen && render(), signal);
  filter('inbox');

  const waiting = h('span', { class: 'badge' });
  const inbox = tool('inbox', words.common.unassigned, '#/inbox');
  inbox.append(waiting);
  const showInbox = () => {
    const count = desk.inbox.count();
    /** @type {HTMLElement} */ (inbox.parentElement).hidden = !desk.inbox.open;
    waiting.hidden = !count;
    setText(waiting, count);
    inbox.setAttribute('aria-label', count ? words.list.unassigned(count) : words.common.unassigned);
  };
  const tools = [inbox, tool('search', words.common.search, '#/search'), tool('people', words.people.title, '#/contacts'), tool('account', words.common.account, '#/account'), tool('write', words.common.newMessage, '#/new')];
  const element = h(
    'nav',
    { class: 'side', 'aria-label': words.list.title },
    h('div', { class: 'bar' }, heading, h('ul', { class: 'tools' }, ...tools.map((link) => h('li', {}, link)))),
    filters,
    h('div', { class: 'scroll' }, rows, rest),
    sign,
  );
  desk.inbox.changes.on(showInbox, signal);
  showInbox();
  /** @param {string[]} path */
  const choose = ([kind, what = '']) => {
    chosen = kind === 'conversations' ? what : '';
    for (const link of tools) setAttribute(link, 'aria-current', link.getAttribute('href') === `#/${kind}` && 'page');
    render();
  };
  return { element, choose, step: stops.step, focus: () => heading.focus() };
}

/** @param {IconName} picture @param {string} label @param {string} href */
const tool = (picture, label, href) =>
  h('a', { class: picture === 'write' ? 'tool primary' : 'tool', href, title: label, 'aria-label': label }, icon(picture));

/** @param {Desk} desk @param {Item} first @param {() => string} chosen @returns {Row<Item>} */
function row(desk, first, chosen) {
  const number = h('span', { class: 'row-number', dir: 'auto' });
  const picture = h('span', { class: 'row-avatar' });
  const pin = h('span', { class: 'pin' }, icon('pin'), h('span', { class: 'unseen' }, words.list.pinned));
  const time = h('time', { class: 'row-time' });
  const text = h('span', { class: 'row-text', dir: 'auto' });
  const badge = h('span', { class: 'badge' });
  const route = h('span', { class: 'row-status' });
  const link = h('a', { class: 'row with-avatar', href: conversationPlace(first.counterpart) }, picture, h('span', { class: 'row-head' }, number, pin), time, text, badge, route);
  const menu = h('button', { type: 'button', class: 'tool', onclick: () => later(({ openMenu }) => openMenu(desk, first.counterpart)) }, icon('menu'));
  let name = '';
  /** @param {Item} item */
  const update = ({ counterpart, last_message: last, unread, opted_out: optedOut, pinned, marked_unread: marked }) => {
    const known = desk.contacts.nameOf(counterpart);
    if (name !== desk.contacts.shown(counterpart)) {
      name = desk.contacts.shown(counterpart);
      setText(number, name);
      fill(picture, avatar(known, counterpart));
      const label = words.actions.title(name);
      menu.setAttribute('aria-label', label);
      menu.title = label;
    }
    pin.hidden = !pinned;
    menu.hidden = last === null;
    const isChosen = chosen() === counterpart;
    const own = unsent(desk, counterpart, isChosen);
    setAttribute(link, 'aria-current', isChosen && 'page');
    link.classList.toggle('unread', unread > 0 || marked);
    const at = last ? exchangedAt(last) : '';
    setText(time, at && brief(at));
    time.dateTime = at;
    text.classList.toggle('failed', own ? own.failed : last !== null && hasFailed(last));
    const { before, content, after } = own ?? summary(last, optedOut);
    // Which way the line runs is for what was said to decide.
    if (`${before}${content}${after}` !== text.textContent) fill(text, before && h('bdi', {}, before), content, after && h('bdi', {}, after));
    const through = last && desk.setup.route(last);
    route.hidden = !through;
    setText(route, through ?? '');
    badge.hidden = unread === 0 && !marked;
    fill(badge, h('span', { 'aria-hidden': 'true' }, unread || '•'), h('span', { class: 'unseen' }, unread ? words.count.unread(unread) : words.list.markedUnread));
  };
  return { element: h('li', { class: 'row-line' }, link, menu), update };
}

/** Those to whom something waits that is the first they get. @param {Desk} desk @param {readonly Conversation[]} known @returns {Item[]} */
function beginning({ outbox }, known) {
  const listed = new Set(known.map(({ counterpart }) => counterpart));
  const numbers = [...outbox.recipients()].filter((number) => !listed.has(number));
  return numbers.map((counterpart) => ({ counterpart, last_message: null, unread: 0, opted_out: false, pinned: false, marked_unread: false }));
}

/**
 * What the user wrote that was not sent.
 *
 * @param {Desk} desk
 * @param {string} number
 * @param {boolean} isChosen then the draft is shown beside
 * @returns {{before: string, content: string, after: string, failed: boolean} | null}
 */
function unsent({ outbox, drafts }, number, isChosen) {
  const text = outbox.to(number).at(-1);
  if (text) {
    return { before: words.list[text.state], content: text.content, after: '', failed: text.state === 'refused' };
  }
  const draft = isChosen ? '' : drafts.get(number).content;
  return draft ? { before: words.list.draft, content: draft, after: '', failed: false } : null;
}

/** What was said, and what is to be known of it. @param {Message | null} message @param {boolean} optedOut */
function summary(message, optedOut) {
  if (!message) return { before: '', content: '', after: '' };
  const content = said(message);
  const isOver = message.direction === 'inbound' && optedOut;
  return { before: prefix(message), content, after: isOver ? words.list.optedOut : '' };
}

/** @param {Message} message */
function prefix(message) {
  if (message.direction === 'inbound') return '';
  if (hasFailed(message)) return words.list.failed(statusName(message.status));
  if (isScheduled(message)) return words.list.scheduled;
  return message.status === 'canceled' ? words.list.canceled : words.list.you;
}
