import { fill, h, setAttribute, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';
import { Beside } from '../model/beside.js';
import { formatNumber, isAnswerable } from '../model/number.js';
import { watchWaiting } from '../model/waiting.js';
import { avatar } from '../parts/avatar.js';
import { composer } from './composer.js';
import { openConsent } from './consent.js';
import { openMenu } from './conversation-menu.js';
import { noAnswer } from './no-answer.js';
import { Talk } from './talk.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/**
 * What was said with one number, and room for more.
 *
 * @param {Desk} desk
 * @param {string} number
 * @param {string | null} at a message that is to be seen; otherwise it is the unread, or the end
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function threadView(desk, number, at, signal) {
  const thread = desk.thread(number);
  const name = desk.contacts.shown(number);
  const editor = isAnswerable(number) ? composer(desk, number, { known: () => number, wanted: () => [number], count: () => 1 }, signal) : noAnswer(desk.contacts, number);
  const nothing = isAnswerable(number) ? words.thread.writeFirst(name) : '';
  const talk = new Talk(desk, thread, { name, nothing, at, edit: (text) => editor.takeBack(text) }, signal);
  const beside = new Beside(desk, number, signal);
  desk.beside = beside;
  signal.addEventListener('abort', () => {
    if (desk.beside === beside) desk.beside = null;
  });
  /** @param {() => void} look at what is known of the conversation, now and whenever that changes */
  const follow = (look) => {
    for (const { changes } of [desk.conversations, beside]) changes.on(look, signal);
    look();
  };
  watchWaiting(desk, thread, signal);

  const heading = h('h2', { tabindex: '-1', dir: 'auto' });
  const below = h('p', { class: 'soft small' });
  const picture = h('span', {});
  const showName = () => {
    const known = desk.contacts.nameOf(number);
    setText(heading, known ?? formatNumber(number));
    setText(below, known ? formatNumber(number) : '');
    below.hidden = !known;
    fill(picture, avatar(known, number));
    setAttribute(element, 'aria-label', known ?? formatNumber(number));
    setAttribute(menu, 'aria-label', words.actions.title(known ?? formatNumber(number)));
  };
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const label = words.thread.consent;
  const wants = h('button', { type: 'button', class: 'tool', 'aria-label': label, title: label, onclick: () => openConsent(desk, number) }, icon('more'));
  const menu = h('button', { type: 'button', class: 'tool', onclick: () => openMenu(desk, number) }, icon('menu'));
  const element = h('section', { class: 'view' }, h('div', { class: 'bar' }, back, picture, h('div', { class: 'who' }, heading, below), wants, menu), talk.element, editor.element);
  desk.contacts.changes.on(showName, signal);
  showName();
  follow(() => editor.block(desk.listed(number)?.opted_out ?? false));
  let isKnown = false;
  // What is noted later is for the next time.
  follow(() => {
    if (isKnown || !desk.listed(number)) return;
    isKnown = true;
    desk.opened(number);
  });
  return { element, title: name, focus: () => (!at && editor.focus()) || heading.focus() };
}
