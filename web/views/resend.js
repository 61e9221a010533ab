import { announce } from '../lib/announce.js';
import { words } from '../lib/words.js';
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
  const told = words.resend.text(formatNumber(counterpart));
  const text = code === 'outcome_unknown' ? `${told} ${words.resend.twice}` : told;
  if (!(await confirm(words.resend.title, text, { yes: words.bubble.sendAgain, no: words.resend.no, harmless: true }))) return false;
  desk.outbox.submit(counterpart, { content: content ?? '', sendAt: null, ...(kind && kind !== 'transactional' && { kind }) });
  announce(words.resend.done);
  return true;
}
