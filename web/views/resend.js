import { preview } from '../api/client.js';
import { announce } from '../lib/announce.js';
import { words } from '../lib/words.js';
import { asRequest, isUpload } from '../model/text.js';
import { hasFailed } from '../model/wording.js';
import { confirm } from '../parts/dialog.js';
import { fileName } from '../parts/media.js';
import { openNotice } from '../parts/notice.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Attached, Wanted } from '../model/text.js' */

/** As long as it is waited for whether the files are still there, in milliseconds. */
const PATIENCE = 5000;

/** Whether a text of ours failed. @param {Message} message */
export const canResend = (message) => message.direction === 'outbound' && hasFailed(message) && (Boolean(message.content) || message.media.length > 0);

/** Sends a text that failed once more, with its files, as a new text. @param {Desk} desk @param {Message} message @returns {Promise<boolean>} whether it is being sent */
export async function resend(desk, message) {
  const { counterpart, content, class: kind, error_code: code } = message;
  const name = desk.contacts.shown(counterpart);
  /** @type {Wanted} */
  const whole = { content: content ?? '', sendAt: null, ...(kind && kind !== 'transactional' && { kind }) };
  const files = filesOf(message);
  const areGone = await haveGone(counterpart, { ...whole, files });
  // There is nothing left of it to send.
  if (areGone && !content) return openNotice(words.resend.goneTitle, `${words.resend.gone} ${words.resend.goneHint}`), false;
  const what = files.length === 0 || areGone ? words.resend.text(name) : content ? words.resend.both(name) : words.resend.files(name);
  const told = [areGone && words.resend.gone, what, code === 'outcome_unknown' && words.resend.twice].filter(Boolean).join(' ');
  const yes = areGone ? words.resend.withoutFiles : words.bubble.sendAgain;
  if (!(await confirm(words.resend.title, told, { yes, no: words.resend.no, harmless: true }))) return false;
  desk.outbox.submit(counterpart, { ...whole, ...(files.length > 0 && !areGone && { files }) });
  announce(words.resend.done);
  return true;
}

/** @param {Message} message @returns {Attached[]} its files, by which the server or somebody else has them */
const filesOf = (message) =>
  message.media.flatMap((file) => (file.url === null ? [] : [{ id: '', url: file.url, type: file.content_type ?? '', size: file.size ?? 0, name: fileName(message, file) }]));

/** Whether the server has a file of a text no more. Without an answer sending it will say so. @param {string} recipient @param {Wanted} text */
async function haveGone(recipient, text) {
  if (!text.files?.some(({ url }) => isUpload(url))) return false;
  const told = await preview({ recipient, ...asRequest(text) }, AbortSignal.timeout(PATIENCE)).catch(() => null);
  return told?.errors.some(({ field }) => field === 'media_urls') ?? false;
}
