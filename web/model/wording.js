import { English } from '../lib/dom.js';
import { soon } from '../lib/time.js';
import { language, translated, words } from '../lib/words.js';
import { expectation } from './expectation.js';

/** @import { DisabledWebhook, Message, Status } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */

/** The statuses that a text can be looked for by. */
export const SENT_STATUSES = /** @type {Status[]} */ (
  ['delivered', 'sent', 'accepted', 'sending', 'queued', 'undelivered', 'failed', 'canceled']
);

/** @param {Status} status */
export const statusName = (status) => words.status[status]?.brief ?? status;

/** @param {Message} message */
export const isScheduled = (message) => message.status === 'queued' && message.send_at !== null;

/** @param {Message} message */
export const hasFailed = (message) => message.status === 'failed' || message.status === 'undelivered';

/** When it is likely to leave, if it waits and that is worth a word. @param {Message} message */
export const leaving = (message) => (message.status === 'queued' ? expectation(message, Date.now()) : '');

/** @param {Message} message @returns {string} a word or two, and why if it failed */
export function briefStatus(message) {
  const when = leaving(message);
  if (isScheduled(message) && message.send_at) {
    const at = soon(message.send_at);
    return when ? words.standing.scheduledBut(at, when) : words.standing.scheduled(at);
  }
  if (when) return words.standing.brief(when);
  // Nothing says whether it arrived.
  const name = message.error_code === 'outcome_unknown' ? words.standing.perhaps : statusName(message.status);
  const why = reason(message);
  if (why === '') return name;
  return words.standing.because(name, why instanceof English ? words.standing.code(message.error_code ?? '') : why);
}

/** Why it failed. @param {Message} message @returns {Said} empty if it did not, or nobody knows */
export const reason = (message) =>
  hasFailed(message) && message.error_message ? translated(words.reasons, message.error_code, message.error_message) : '';

/** @param {Pick<Message, 'content' | 'media'>} message @returns {string} what was said, or else what was sent along */
export function said({ content, media }) {
  if (content || media.length === 0) return content ?? '';
  const pictures = media.filter(({ content_type: type }) => type?.startsWith('image/')).length;
  const isAll = pictures === media.length;
  if (media.length === 1) return isAll ? words.files.picture : words.files.file;
  return isAll ? words.count.pictures(media.length) : words.count.files(media.length);
}

/** Why a webhook is called no more. @param {DisabledWebhook['disabled_by']} by */
export const disabledBy = (by) => words.webhooks.by[by];

/**
 * What the server did not like, in the language of the page.
 *
 * @param {string} label
 * @param {string} message a part of a sentence
 * @returns {Said}
 */
export function faultOf(label, message) {
  if (language === 'en') return words.field.fault(label, message);
  const known = words.faults[message];
  return known === undefined ? new English(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`) : words.field.fault(label, known);
}
