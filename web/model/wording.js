import { full, soon } from '../lib/time.js';
import { expectation } from './expectation.js';
import { senderName } from './sender.js';

/** @import { DisabledWebhook, Message, Status, Step } from '../api/types.js' */

/** @type {Record<Status, [brief: string, whole: string]>} */
const WORDS = {
  queued: ['Waiting', 'It waits to be sent.'],
  sending: ['Sending', 'It is being sent.'],
  accepted: ['On its way', 'The provider has it and passes it on.'],
  sent: ['Sent', 'The carrier has it. Whether it arrived is not known yet.'],
  delivered: ['Delivered', 'It arrived on the phone.'],
  undelivered: ['Not delivered', 'The carrier could not deliver it.'],
  failed: ['Not sent', 'It could not be sent.'],
  canceled: ['Cancelled', 'You took it back before it was sent.'],
};

/** The statuses that a text can be looked for by. */
export const SENT_STATUSES = /** @type {Status[]} */ (
  ['delivered', 'sent', 'accepted', 'sending', 'queued', 'undelivered', 'failed', 'canceled']
);

/** @param {Status} status */
export const statusName = (status) => WORDS[status]?.[0] ?? status;

/** @param {Message} message */
export const isScheduled = (message) => message.status === 'queued' && message.send_at !== null;

/** @param {Message} message */
export const hasFailed = (message) => message.status === 'failed' || message.status === 'undelivered';

/** Whether there is nothing to say of a text but how far it is. @param {Message} message */
export const isUnderWay = (message) => !hasFailed(message) && message.status !== 'canceled' && !isScheduled(message) && !leaving(message);

/** When it is likely to leave, if it waits and that is worth a word. @param {Message} message */
export const leaving = (message) => (message.status === 'queued' ? expectation(message, Date.now()) : '');

/** @param {Message} message @returns {string} a word or two, and why if it failed */
export function briefStatus(message) {
  const when = leaving(message);
  if (isScheduled(message) && message.send_at) return `Scheduled for ${soon(message.send_at)}${when && `; ${when}`}`;
  if (when) return capital(when);
  // Nothing says whether it arrived.
  const name = message.error_code === 'outcome_unknown' ? 'Perhaps not sent' : statusName(message.status);
  return hasFailed(message) && message.error_message ? `${name}: ${message.error_message}` : name;
}

/** @param {Message} message @returns {string} a whole sentence or two */
export function wholeStatus(message) {
  const when = leaving(message);
  if (isScheduled(message) && message.send_at) return `It will be sent ${soon(message.send_at)}.${when && ` It ${when}.`}`;
  if (when) return `It ${when}.`;
  if (message.delivered_at) return `It arrived on the phone on ${full(message.delivered_at)}.`;
  const sentence = WORDS[message.status]?.[1] ?? '';
  return hasFailed(message) && message.error_message ? `${sentence} ${message.error_message}` : sentence;
}

/** @param {Pick<Message, 'content' | 'media'>} message @returns {string} what was said, or else what was sent along */
export function said({ content, media }) {
  if (content || media.length === 0) return content ?? '';
  const pictures = media.filter(({ content_type: type }) => type?.startsWith('image/')).length;
  const name = pictures === media.length ? 'picture' : 'file';
  return media.length === 1 ? capital(name) : counted(media.length, name);
}

/** @param {number | null} bytes @returns {string} empty if it is not known */
export function sizeOf(bytes) {
  if (bytes === null) return '';
  const [amount, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${amount < 10 ? Math.max(amount, 0.1).toFixed(1) : Math.round(amount)} ${unit}`;
}

/** Why a webhook is called no more. @param {DisabledWebhook['disabled_by']} by */
export const disabledBy = (by) => ({ owner: 'Disabled by you', gone: 'Disabled: it answered 410', failing: 'Disabled: it failed for five days' })[by];

/**
 * What happened, where the API's own word says too little.
 *
 * @type {Record<string, string>}
 */
const STEPS = {
  queued: 'Stored, to be sent',
  'provider accepted': 'Taken by the provider',
  'provider sent': 'Taken by the carrier',
  'provider delivered': 'Delivered to the phone',
  'provider undelivered': 'Not delivered',
  'provider failed': 'Not sent',
  canceled: 'Cancelled',
  surplus: 'Sent a second time',
  'quiet hours': 'Waits for the end of quiet hours',
};

/** @param {{event: string, status: Status | null}} step */
export const stepName = ({ event, status }) => STEPS[`${event} ${status}`] ?? STEPS[event] ?? capital(event);

/** @param {Step} step @returns {string | null} */
export const stepDetail = ({ event, detail }) => (event === 'moved to another sender' && detail ? senderName(detail) : detail);

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
