import { setAttribute, fill, h, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { conversationPlace } from '../lib/router.js';
import { brief } from '../lib/time.js';
import { formatNumber } from '../model/number.js';
import { exchangedAt } from '../model/standing.js';
import { counted, hasFailed, isScheduled, said, statusName } from '../model/wording.js';
import { empty, failed, loading } from '../parts/states.js';

/** @import { Conversation, Message } from '../api/types.js' */
/** @import { IconName } from '../lib/icons.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */

/** @param {Desk} desk @param {AbortSignal} signal */
export function conversationList(desk, signal) {
  const { conversations } = desk;
  let chosen = '';
  const rows = h('ul', { class: 'rows' });
  const list = new KeyedList(rows, (item) => item.counterpart, (item) => row(desk, item, () => chosen));
  const rest = h('div', {});
  const heading = h('h2', { tabindex: '-1' }, 'Messages');

  const more = () => h('button', { type: 'button', class: 'button wide', onclick: () => conversations.more() }, 'Show more');
  const again = () => conversations.load();
  const render = () => {
    const items = conversations.list();
    list.show(items);
    rows.hidden = items.length === 0;
    if (conversations.state === 'loading') fill(rest, loading(6, 'rows'));
    else if (conversations.state === 'failed') fill(rest, failed('Not loaded', conversations.failure ?? '', again));
    else if (items.length === 0) fill(rest, empty('talk', 'No conversations yet', 'They begin with your first text.'));
    else fill(rest, conversations.next && more());
  };
  conversations.changes.on(render, signal);
  desk.setup.changes.on(render, signal);
  render();

  const waiting = h('span', { class: 'badge' });
  const inbox = tool('inbox', 'Unassigned', '#/inbox');
  inbox.append(waiting);
  const showInbox = () => {
    const count = desk.inbox.count();
    /** @type {HTMLElement} */ (inbox.parentElement).hidden = !desk.inbox.open;
    waiting.hidden = !count;
    setText(waiting, count);
    inbox.setAttribute('aria-label', count ? `Unassigned, ${count}` : 'Unassigned');
  };
  const tools = [inbox, tool('search', 'Search', '#/search'), tool('account', 'Account', '#/account'), tool('write', 'New message', '#/new')];
  const element = h(
    'nav',
    { class: 'side', 'aria-label': 'Messages' },
    h('div', { class: 'bar' }, heading, h('ul', { class: 'tools' }, ...tools.map((link) => h('li', {}, link)))),
    h('div', { class: 'scroll' }, rows, rest),
  );
  desk.inbox.changes.on(showInbox, signal);
  showInbox();
  /** @param {string[]} path */
  const choose = ([kind, what = '']) => {
    chosen = kind === 'conversations' ? what : '';
    for (const link of tools) setAttribute(link, 'aria-current', link.getAttribute('href') === `#/${kind}` && 'page');
    render();
  };
  return { element, choose, focus: () => heading.focus() };
}

/** @param {IconName} picture @param {string} label @param {string} href */
const tool = (picture, label, href) =>
  h('a', { class: picture === 'write' ? 'tool primary' : 'tool', href, title: label, 'aria-label': label }, icon(picture));

/** @param {Desk} desk @param {Conversation} first @param {() => string} chosen @returns {Row<Conversation>} */
function row(desk, first, chosen) {
  const number = h('span', { class: 'row-number' }, formatNumber(first.counterpart));
  const time = h('time', { class: 'row-time' });
  const text = h('span', { class: 'row-text', dir: 'auto' });
  const badge = h('span', { class: 'badge' });
  const route = h('span', { class: 'row-status' });
  const link = h('a', { class: 'row', href: conversationPlace(first.counterpart) }, number, time, text, badge, route);
  /** @param {Conversation} item */
  const update = ({ counterpart, last_message: last, unread, opted_out: optedOut }) => {
    setAttribute(link, 'aria-current', chosen() === counterpart && 'page');
    link.classList.toggle('unread', unread > 0);
    const at = exchangedAt(last);
    setText(time, brief(at));
    time.dateTime = at;
    text.classList.toggle('failed', hasFailed(last));
    const { before, content, after } = summary(last, optedOut);
    const words = `${before}${content}${after}`;
    // Which way the line runs is for what was said to decide.
    if (words !== text.textContent) fill(text, before && h('bdi', {}, before), content, after && h('bdi', {}, after));
    const through = desk.setup.route(last);
    route.hidden = !through;
    setText(route, through);
    badge.hidden = unread === 0;
    fill(badge, h('span', { 'aria-hidden': 'true' }, unread), h('span', { class: 'unseen' }, counted(unread, 'unread message')));
  };
  return { element: h('li', {}, link), update };
}

/** What was said, and what is to be known of it. @param {Message} message @param {boolean} optedOut */
function summary(message, optedOut) {
  const content = said(message);
  const isOver = message.direction === 'inbound' && optedOut;
  return { before: prefix(message), content, after: isOver ? ' · wants no more texts' : '' };
}

/** @param {Message} message */
function prefix(message) {
  if (message.direction === 'inbound') return '';
  if (hasFailed(message)) return `${statusName(message.status)}: `;
  if (isScheduled(message)) return 'Scheduled: ';
  return message.status === 'canceled' ? 'Cancelled: ' : 'You: ';
}
