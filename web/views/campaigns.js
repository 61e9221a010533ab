import { fill, h, setText } from '../lib/dom.js';
import { campaignPlace, go } from '../lib/router.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { decided } from '../model/campaign.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { pages } from '../parts/pages.js';
import { empty } from '../parts/states.js';
import { page } from '../parts/view.js';

/** @import { Row } from '../lib/list.js' */
/** @import { Campaign } from '../model/campaign.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** @param {Campaign} campaign */
export const stateName = ({ state }) => words.campaigns.states[state];

/** The campaigns that this browser knows, and the way to those of others. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function campaignsView(desk, signal) {
  const list = pages(words.campaigns.list, (/** @type {Campaign} */ campaign) => campaign.id, entry);
  const rest = h('div', {});
  const name = field(words.campaigns.name, { name: 'name', required: true, autocomplete: 'off', maxlength: 100 }, words.campaigns.nameHint);
  const open = form([name], { label: words.campaigns.open }, async (values) => go(campaignPlace(values.name?.trim() ?? '')));
  const render = () => {
    const campaigns = desk.campaigns.list();
    list.show(campaigns);
    fill(rest, desk.campaigns.isLoaded && campaigns.length === 0 && empty('many', words.campaigns.none, words.campaigns.noneHint));
  };
  desk.campaigns.changes.on(render, signal);
  render();
  const begin = h('a', { class: 'button primary', href: '#/campaigns/new' }, words.campaigns.begin);
  return page(words.campaigns.title, words.campaigns.list, [begin], list.element, rest, h('section', { class: 'part' }, h('h3', {}, words.campaigns.elsewhere), open));
}

/** @param {Campaign} first @returns {Row<Campaign>} */
function entry(first) {
  const status = h('span', { class: 'row-status' });
  const link = h('a', { href: campaignPlace(first.name) }, first.name);
  const element = h('li', { class: 'entry' }, link, h('time', { class: 'row-time' }, full(new Date(first.createdAt).toISOString())), status);
  return { element, update: (campaign) => setText(status, `${stateName(campaign)} · ${words.campaigns.progress(decided(campaign), campaign.rows)}`) };
}
