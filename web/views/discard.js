import { details } from '../api/client.js';
import { Problem } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { words } from '../lib/words.js';
import { isInstead } from '../model/outbox.js';
import { confirm } from '../parts/dialog.js';
import { openNotice } from '../parts/notice.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */

/**
 * What becomes of the text that another one was to replace: it still waits, was cancelled for that, is being cancelled,
 * or has nothing to do with it any more.
 *
 * @typedef {'waits' | 'canceled' | 'asked' | 'other'} Original
 */

/**
 * Discards a text that the server has not confirmed. If it was to replace another one, its user learns what becomes of
 * that, and nothing is discarded before it is certain.
 *
 * @param {Desk} desk
 * @param {Outgoing} text
 * @returns {Promise<boolean>} whether it is discarded, and nothing is sent in its place
 */
export async function discard(desk, text) {
  if (!isInstead(text)) {
    desk.outbox.drop(text);
    return true;
  }
  const original = await originalOf(desk, text).catch(() => 'asked');
  const told = words.discard.text(desk.contacts.shown(text.recipient));
  if (original === 'canceled' && !(await confirm(words.discard.title, told, { yes: words.outgoing.discard }))) return false;
  if (original === 'asked' || !(await desk.outbox.dropIf(text, (now) => isAs(now, text)))) {
    // It may be sent by now.
    if (desk.outbox.to(text.recipient).some(({ key }) => key === text.key)) openNotice(words.discard.busyTitle, words.discard.busy);
    return false;
  }
  if (original === 'waits') announce(words.discard.stays);
  return original !== 'waits';
}

/** Whether nothing was asked of the server since it was looked at. @param {Outgoing} now @param {Outgoing} then */
const isAs = (now, then) => now.hasAsked === then.hasAsked && now.replaces === then.replaces && (now.replaces === undefined || now.state === then.state);

/** @param {Desk} desk @param {Outgoing} text @returns {Promise<Original>} */
async function originalOf({ user }, { state, code, replaces, hasAsked }) {
  if (replaces === undefined) return 'canceled';
  if (!hasAsked) return code === 'gone' || code === 'goingOut' ? 'other' : 'waits';
  if (state !== 'refused') return 'asked';
  // Whether it was done before it was refused only the server knows.
  const message = await details(user, replaces).catch((error) => {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  });
  if (!message || message.status === 'canceled') return 'canceled';
  return message.status === 'queued' ? 'waits' : 'other';
}
