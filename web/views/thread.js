import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';
import { formatNumber, isAnswerable } from '../model/number.js';
import { watchWaiting } from '../model/waiting.js';
import { composer } from './composer.js';
import { openConsent } from './consent.js';
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
  const name = formatNumber(number);
  const editor = isAnswerable(number) ? composer(desk, number, { known: () => number, wanted: () => number }, signal) : noAnswer(number);
  const nothing = isAnswerable(number) ? words.thread.writeFirst(name) : '';
  const talk = new Talk(desk, thread, { name, nothing, at, edit: (text) => editor.takeBack(text) }, signal);
  const block = () => editor.block(desk.conversations.get(number)?.opted_out ?? false);
  desk.conversations.changes.on(block, signal);
  watchWaiting(desk, thread, signal);

  const heading = h('h2', { tabindex: '-1' }, name);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const label = words.thread.consent;
  const wants = h('button', { type: 'button', class: 'tool', 'aria-label': label, title: label, onclick: () => openConsent(desk, number) }, icon('more'));
  const element = h('section', { class: 'view', 'aria-label': name }, h('div', { class: 'bar' }, back, heading, wants), talk.element, editor.element);
  block();
  return { element, title: name, focus: () => (!at && editor.focus()) || heading.focus() };
}
