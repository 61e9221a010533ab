import { endSession, logOutEverywhere, sessions } from '../api/account.js';
import { sentence } from '../api/http.js';
import { logOut } from '../api/login.js';
import { announce } from '../lib/announce.js';
import { fill, h, phrase } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { confirm } from '../parts/dialog.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';
import { mayForget } from './forgetting.js';

/** @import { Session } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Fetched } from './account.js' */

/** Where the user is logged in, and buttons to end that. @param {Desk} desk @returns {Fetched} */
export function sessionList(desk) {
  const list = h('ul', { class: 'sessions', 'aria-label': words.account.sessions });
  const place = h('div', {});
  const show = () =>
    sessions().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, list);
      },
      (error) => fill(place, failed(words.sessions.failed, sentence(error), show)),
    );
  const element = h('div', {}, place, form([], { label: words.sessions.everywhere, danger: true }, () => everywhere(desk)));
  return { element, shown: show() };
}

/** @param {Session} session @param {() => Promise<void>} again shows what is left */
function entry({ id, created_at: since, renewed_at: renewed, network, user_agent: agent, current, kept }, again) {
  const name = agent ?? words.sessions.unknown;
  const times = words.sessions.facts(full(since), renewed === since ? '' : full(renewed), network, kept);
  const over = async () => {
    await endSession(id);
    announce(words.sessions.ended);
    await again();
  };
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, ...(current ? [h('strong', {}, ...phrase(words.sessions.this, { name }))] : [name])),
    h('p', { class: 'soft small' }, times),
    // This one ends by logging out.
    !current && form([], { label: words.sessions.end }, over),
  );
}

/** @param {Desk} desk */
async function everywhere(desk) {
  const answers = { yes: words.sessions.everywhere, no: words.common.stay };
  if (!(await confirm(words.sessions.everywhereTitle, words.sessions.everywhereText, answers))) return;
  if (!(await mayForget(desk))) return;
  await logOutEverywhere();
  await logOut();
}
