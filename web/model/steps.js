import { English } from '../lib/dom.js';
import { full, soon } from '../lib/time.js';
import { words } from '../lib/words.js';
import { senderName } from './sender.js';
import { isScheduled, leaving, reason } from './wording.js';

/** @import { Message, Status, Step } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */

/** @param {Message} message @returns {Said[]} a sentence or two */
export function wholeStatus(message) {
  const when = leaving(message);
  const also = when && words.standing.sentence(when);
  if (isScheduled(message) && message.send_at) return [words.standing.willBeSent(soon(message.send_at)), also];
  if (when) return [also];
  if (message.delivered_at) return [words.standing.arrived(full(message.delivered_at))];
  return [words.status[message.status]?.whole ?? '', reason(message)];
}

/** What happened. @param {{event: string, status: Status | null}} step @returns {Said} */
export function stepName({ event, status }) {
  /** @type {Record<string, string>} */
  const steps = words.steps;
  return steps[`${event} ${status}`] ?? steps[event] ?? new English(event);
}

/** @param {Step} step @returns {Said | null} */
export function stepDetail({ event, detail }) {
  if (!detail) return null;
  return event === 'moved to another sender' ? senderName(detail) : new English(detail);
}
