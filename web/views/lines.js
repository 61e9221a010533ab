import { h } from '../lib/dom.js';
import { day } from '../lib/time.js';
import { words } from '../lib/words.js';
import { exchangedAt } from '../model/standing.js';
import { bubble, isJoined } from './bubble.js';
import { outgoing } from './outgoing.js';

/** @import { Message } from '../api/types.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */

/** @typedef {{key: string, heading?: string, kind?: 'day' | 'mark', message?: Message, joined?: boolean, isOld?: boolean, outgoing?: Outgoing}} Line */

/**
 * What is shown of a thread, line by line, with a heading for each day and above what is unread.
 *
 * @param {readonly Message[]} messages
 * @param {Message | undefined} below what follows them, and is not shown
 * @param {string | null} unread the first one that had not been seen
 * @param {Outgoing[]} texts
 * @param {boolean} isOld whether it is from before, so that nothing can be done with it
 * @returns {Iterable<Line>}
 */
export function* linesOf(messages, below, unread, texts, isOld) {
  let shown = '';
  for (const [place, message] of messages.entries()) {
    const name = day(exchangedAt(message));
    if (name !== shown) yield { key: `day ${name}`, kind: 'day', heading: name };
    shown = name;
    if (message.id === unread) yield { key: 'unread', kind: 'mark', heading: words.thread.newMessages };
    const next = messages[place + 1] ?? below;
    yield { key: message.id, message, joined: next?.id !== unread && isJoined(message, next), isOld };
  }
  for (const text of texts) yield { key: text.key, outgoing: text };
}

/** @param {Desk} desk @param {Line} line @param {(text: Outgoing) => void} edit @param {AbortSignal} signal @returns {Row<Line>} */
export function makeLine(desk, line, edit, signal) {
  if (line.message) {
    const { element, update, end } = bubble(desk, line.message, signal);
    return { element, update: ({ message, joined = false, isOld = false }) => message && update(message, joined, isOld), end };
  }
  if (line.outgoing) {
    const { element, update } = outgoing(desk, line.outgoing, edit);
    return { element, update: (next) => next.outgoing && update(next.outgoing) };
  }
  return { element: h('li', { class: line.kind ?? '' }, h('h3', {}, line.heading)), update: () => {} };
}
