import { words } from '../lib/words.js';
import { confirm } from '../parts/dialog.js';

/** @import { Desk } from '../model/desk.js' */

/** Asks before texts are forgotten that wait to be sent. @param {Desk} desk @returns {Promise<boolean>} */
export async function mayForget(desk) {
  const waiting = desk.outbox.size;
  if (waiting === 0) return true;
  return confirm(words.account.forgetTitle, words.account.forgetText(waiting), { yes: words.account.forgetYes, no: words.common.stay });
}
