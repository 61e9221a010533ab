import { announce } from '../lib/announce.js';
import { formatNumber } from '../model/number.js';
import { hasFailed } from '../model/wording.js';
import { confirm } from '../parts/dialog.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** Whether a text failed, and its words are all of it. @param {Message} message */
export const canResend = (message) =>
  message.direction === 'outbound' && hasFailed(message) && Boolean(message.content) && message.media.length === 0;

/** Sends the words of a text that failed once more, as a new text. @param {Desk} desk @param {Message} message @returns {Promise<boolean>} whether it is being sent */
export async function resend(desk, { counterpart, content, class: kind, error_code: code }) {
  const twice = code === 'outcome_unknown' ? ' Nobody knows whether the first one arrived: they may get it twice.' : '';
  const text = `A new text with the same words goes to ${formatNumber(counterpart)}. It counts like any other, and the one that failed stays in your history.${twice}`;
  if (!(await confirm('Send this text again?', text, { yes: 'Send again', no: 'Do not send', harmless: true }))) return false;
  desk.outbox.submit(counterpart, { content: content ?? '', sendAt: null, ...(kind && kind !== 'transactional' && { kind }) });
  announce('It is being sent again.');
  return true;
}
