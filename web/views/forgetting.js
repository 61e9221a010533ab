import { words } from '../lib/words.js';
import { confirm } from '../parts/dialog.js';

/** @import { Desk } from '../model/desk.js' */

/** Asks before texts are forgotten that wait to be sent. @param {Desk} desk @returns {Promise<boolean>} */
export async function mayForget(desk) {
  const [waiting, campaigns] = [desk.outbox.size, desk.campaigns.size];
  if (waiting + campaigns === 0) return true;
  const told = [waiting > 0 && words.account.forgetText(waiting), campaigns > 0 && words.account.forgetCampaigns(campaigns)].filter(Boolean).join(' ');
  return confirm(words.account.forgetTitle, told, { yes: words.account.forgetYes, no: words.common.stay });
}
