import { listName, partName } from './campaign.js';
import { newKey } from './outbox.js';
import { inParts } from './portions.js';

/** @import { Campaign, Terms } from './campaign.js' */
/** @import { Campaigns } from './campaigns.js' */
/** @import { Roll } from './roll.js' */

/**
 * Keeps a campaign, which is handed over from then on. By its name its texts are found, so no other may have it: of
 * two tabs that begin one at the same time only the first does.
 *
 * @param {Campaigns} campaigns
 * @param {{name: string, file: string, text: string, terms: Terms}} wanted
 * @param {Roll} roll
 * @returns {Promise<'begun' | 'taken' | 'unkept'>} `taken` if there is one with this name, `unkept` if this browser keeps nothing
 */
export async function begin(campaigns, wanted, roll) {
  const id = newKey();
  const now = Date.now();
  const [parts, lists] = [inParts(roll.due), inParts(roll.refused)];
  const open = parts.map((_, place) => ({ place, notBefore: 0 }));
  /** @type {Campaign} */
  const campaign = {
    ...wanted, id, rows: roll.size, segments: roll.segments, createdAt: now, activeAt: now, state: 'preparing', reason: '', code: null, until: 0,
    open, parts: parts.length, lists: lists.length, accepted: 0, refused: roll.refused.length,
  };
  if (!(await campaigns.drawer.putUnless(id, campaign, (there) => there.name === wanted.name))) return 'taken';
  const bare = { campaign: id, refused: [], due: [], accepted: 0, triedAt: null, tried: 0, late: false };
  for (const [place, due] of parts.entries()) await campaigns.parts.put(partName(id, place), { ...bare, due });
  for (const [place, refused] of lists.entries()) await campaigns.parts.put(listName(id, place), { ...bare, refused });
  if (!campaigns.drawer.isSafe || !campaigns.parts.isSafe) {
    await campaigns.forget(campaign);
    return 'unkept';
  }
  await campaigns.change(id, { state: parts.length > 0 ? 'sending' : 'done' });
  return 'begun';
}
