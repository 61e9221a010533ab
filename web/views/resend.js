import { preview } from '../api/client.js';
import { announce } from '../lib/announce.js';
import { words } from '../lib/words.js';
import { senderName } from '../model/sender.js';
import { asRequest, isUpload, labelsOf } from '../model/text.js';
import { hasFailed } from '../model/wording.js';
import { confirm } from '../parts/dialog.js';
import { fileName } from '../parts/media.js';
import { openNotice } from '../parts/notice.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Attached, Wanted } from '../model/text.js' */

/** As long as it is waited for what the server would refuse, in milliseconds. */
const PATIENCE = 5000;

/** Whether a text of ours failed. @param {Message} message */
export const canResend = (message) => message.direction === 'outbound' && hasFailed(message) && (Boolean(message.content) || message.media.length > 0);

/** Of which texts it is asked, or found out, whether they are sent again. @type {Set<string>} */
const asked = new Set();

/** Sends a text that failed once more, with its files, as a new text. @param {Desk} desk @param {Message} message @returns {Promise<boolean>} whether it is being sent */
export async function resend(desk, message) {
  // It can be asked for at two places, and is sent once for each answer.
  if (asked.has(message.id)) return false;
  asked.add(message.id);
  try {
    return await askAndSend(desk, message);
  } finally {
    asked.delete(message.id);
  }
}

/** @param {Desk} desk @param {Message} message */
async function askAndSend(desk, message) {
  const { counterpart, content, error_code: code } = message;
  const name = desk.contacts.shown(counterpart);
  const whole = wantedOnceMore(message);
  const { files, from, ...rest } = whole;
  const { refused, isOver } = await refusedOf(desk, counterpart, whole);
  if (isOver) return openNotice(words.resend.goneTitle, words.composer.blocked), false;
  const areGone = isUploaded(whole) && refused.has('media_urls');
  // There is nothing left of it to send.
  if (areGone && !content) return openNotice(words.resend.goneTitle, `${words.resend.gone} ${words.resend.goneHint}`), false;
  const hasFiles = files !== undefined && !areGone;
  const isBarred = from !== undefined && refused.has('from');
  const what = !hasFiles ? words.resend.text(name) : content ? words.resend.both(name) : words.resend.files(name);
  const told = [areGone && words.resend.gone, what, isBarred && words.resend.otherSender(senderName(from)), code === 'outcome_unknown' && words.resend.twice];
  const yes = areGone ? words.resend.withoutFiles : words.bubble.sendAgain;
  if (!(await confirm(words.resend.title, told.filter(Boolean).join(' '), { yes, no: words.resend.no, harmless: true }))) return false;
  desk.outbox.submit(counterpart, { ...rest, ...(hasFiles && { files }), ...(from !== undefined && !isBarred && { from }) });
  announce(words.resend.done);
  return true;
}

/** All that its user, or a program of theirs, had said of a text, but for its time. @param {Message} message @returns {Wanted} */
function wantedOnceMore(message) {
  const { content, class: kind } = message;
  const files = filesOf(message);
  return { content: content ?? '', sendAt: null, ...(kind && kind !== 'transactional' && { kind }), ...(files.length > 0 && { files }), ...labelsOf(message) };
}

/** @param {Message} message @returns {Attached[]} its files, by which the server or somebody else has them */
const filesOf = (message) =>
  message.media.flatMap((file) => (file.url === null ? [] : [{ id: '', url: file.url, type: file.content_type ?? '', size: file.size ?? 0, name: fileName(message, file) }]));

/** @param {Wanted} text */
const isUploaded = ({ files = [] }) => files.some(({ url }) => isUpload(url));

/**
 * Which fields the server would refuse, and whether its recipient wants no texts. Without an answer sending it will say
 * so.
 *
 * @param {Desk} desk
 * @param {string} recipient
 * @param {Wanted} text
 * @returns {Promise<{refused: Set<string>, isOver: boolean}>}
 */
async function refusedOf(desk, recipient, text) {
  const known = desk.listed(recipient);
  const isAsked = !known || text.from !== undefined || isUploaded(text);
  const told = isAsked ? await preview({ recipient, ...asRequest(text) }, AbortSignal.timeout(PATIENCE)).catch(() => null) : null;
  const isOver = told ? told.limits.some(({ code }) => code === 'recipient-opted-out') : (known?.opted_out ?? false);
  return { refused: new Set(told?.errors.map(({ field }) => field)), isOver };
}
