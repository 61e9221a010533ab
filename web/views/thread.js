import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { day } from '../lib/time.js';
import { formatNumber, isAnswerable } from '../model/number.js';
import { watchWaiting } from '../model/waiting.js';
import { empty, failed, loading } from '../parts/states.js';
import { bubble } from './bubble.js';
import { composer } from './composer.js';
import { openConsent } from './consent.js';
import { noAnswer } from './no-answer.js';
import { outgoing } from './outgoing.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { View } from './home.js' */

/** @typedef {{key: string, day?: string, message?: Message, outgoing?: Outgoing}} Line */

/** As near to the end as this it is followed, in pixels. */
const NEAR = 80;

/**
 * What was said with one number, and room for more.
 *
 * @param {Desk} desk
 * @param {string} number
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function threadView(desk, number, signal) {
  const thread = desk.thread(number);
  const name = formatNumber(number);
  const before = h('div', {});
  const lines = h('ol', { class: 'lines' });
  const after = h('div', {});
  const scroll = h('div', { class: 'scroll talk', tabindex: '0', role: 'region', 'aria-label': `Messages with ${name}` }, before, lines, after);
  const list = new KeyedList(lines, (/** @type {Line} */ line) => line.key, (line) => make(desk, line, (text) => editor.takeBack(text), signal));
  const editor = isAnswerable(number) ? composer(desk, number, { known: () => number, wanted: () => number }, signal) : noAnswer(number);

  let following = true;
  scroll.addEventListener('scroll', () => {
    following = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  });
  const earlier = async () => {
    const below = scroll.scrollHeight - scroll.scrollTop;
    following = false;
    await thread.loadEarlier();
    // What was looked at stays where it is.
    scroll.scrollTop = scroll.scrollHeight - below;
    announce('Earlier messages are shown.');
  };
  const render = () => {
    const items = [...linesOf(thread.list(), desk.outbox.to(number))];
    list.show(items);
    lines.hidden = items.length === 0;
    fill(before, thread.earlier && h('button', { type: 'button', class: 'button wide', onclick: earlier }, 'Show earlier messages'));
    if (thread.state === 'loading') fill(after, loading(3, 'bubbles'));
    else if (thread.state === 'failed') fill(after, failed('Not loaded', thread.failure ?? '', () => thread.load()));
    else fill(after, items.length === 0 && empty('talk', 'Nothing here yet', isAnswerable(number) ? `Write the first text to ${name}.` : ''));
    if (following) scroll.scrollTop = scroll.scrollHeight;
    look();
  };
  const look = () => {
    if (!document.hidden) desk.seen(thread);
  };
  const block = () => editor.block(desk.conversations.get(number)?.opted_out ?? false);

  thread.changes.on(render, signal);
  desk.setup.changes.on(render, signal);
  desk.outbox.changes.on((recipient) => recipient === number && render(), signal);
  desk.conversations.changes.on(block, signal);
  document.addEventListener('visibilitychange', look, { signal });
  const size = new ResizeObserver(() => following && (scroll.scrollTop = scroll.scrollHeight));
  size.observe(scroll);
  signal.addEventListener('abort', () => size.disconnect());
  watchWaiting(desk, thread, signal);

  const heading = h('h2', { tabindex: '-1' }, name);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': 'All conversations', title: 'All conversations' }, icon('back'));
  const label = 'Whether they want texts';
  const wants = h('button', { type: 'button', class: 'tool', 'aria-label': label, title: label, onclick: () => openConsent(desk, number) }, icon('more'));
  const element = h('section', { class: 'view', 'aria-label': name }, h('div', { class: 'bar' }, back, heading, wants), scroll, editor.element);
  render();
  block();
  return { element, title: name, focus: () => editor.focus() || heading.focus() };
}

/** @param {Message[]} messages @param {Outgoing[]} texts @returns {Iterable<Line>} with a heading for each day */
function* linesOf(messages, texts) {
  let shown = '';
  for (const message of messages) {
    const name = day(message.sent_at);
    if (name !== shown) yield { key: `day ${name}`, day: name };
    shown = name;
    yield { key: message.id, message };
  }
  for (const text of texts) yield { key: text.key, outgoing: text };
}

/** @param {Desk} desk @param {Line} line @param {(text: Outgoing) => void} edit @param {AbortSignal} signal */
function make(desk, line, edit, signal) {
  if (line.message) {
    const { element, update } = bubble(desk, line.message, signal);
    return { element, update: (/** @type {Line} */ next) => next.message && update(next.message) };
  }
  if (line.outgoing) {
    const { element, update } = outgoing(desk, line.outgoing, edit);
    return { element, update: (/** @type {Line} */ next) => next.outgoing && update(next.outgoing) };
  }
  return { element: h('li', { class: 'day' }, h('h3', {}, line.day)), update: () => {} };
}
