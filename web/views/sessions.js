import { endSession, logOutEverywhere, sessions } from '../api/client.js';
import { sentence } from '../api/http.js';
import { logOut } from '../api/login.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { confirm } from '../parts/dialog.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';
import { mayForget } from './forgetting.js';

/** @import { Session } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** Where the user is logged in, and buttons to end that. @param {Desk} desk */
export function sessionList(desk) {
  const list = h('ul', { class: 'sessions', 'aria-label': 'Sessions' });
  const place = h('div', { class: 'coming' });
  const show = () =>
    sessions().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, list);
      },
      (error) => fill(place, failed('Your sessions cannot be shown', sentence(error), show)),
    );
  show();
  return h('div', {}, place, form([], { label: 'Log out everywhere', danger: true }, () => everywhere(desk)));
}

/** @param {Session} session @param {() => Promise<void>} again shows what is left */
function entry({ id, created_at: since, renewed_at: renewed, network, user_agent: agent, current, kept }, again) {
  const name = agent ?? 'Unknown client';
  const times = `Since ${full(since)}${renewed === since ? '' : `, renewed ${full(renewed)}`}, from ${network}${kept ? ', stays logged in' : ''}`;
  const over = async () => {
    await endSession(id);
    announce('The session has ended.');
    await again();
  };
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, current ? h('strong', {}, 'This one: ') : null, name),
    h('p', { class: 'soft small' }, times),
    // This one ends by logging out.
    !current && form([], { label: 'End this session' }, over),
  );
}

/** @param {Desk} desk */
async function everywhere(desk) {
  const text = 'You are logged out on every device, here too.';
  if (!(await confirm('Log out everywhere?', text, { yes: 'Log out everywhere', no: 'Stay' }))) return;
  if (!(await mayForget(desk))) return;
  await logOutEverywhere();
  await logOut();
}
