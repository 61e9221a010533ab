import { counted } from '../model/wording.js';
import { confirm } from '../parts/dialog.js';

/** @import { Desk } from '../model/desk.js' */

/** Asks before texts are forgotten that wait to be sent. @param {Desk} desk @returns {Promise<boolean>} */
export async function mayForget(desk) {
  const waiting = desk.outbox.size;
  if (waiting === 0) return true;
  const text = `${counted(waiting, 'text')} that you wrote here ${waiting === 1 ? 'was' : 'were'} not sent yet, and will be discarded.`;
  return confirm('Log out and discard?', text, { yes: 'Log out and discard', no: 'Stay' });
}
