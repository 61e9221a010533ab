import { changePassword, leave, me, removeAll } from '../api/client.js';
import { enter, logOut } from '../api/login.js';
import { session } from '../api/session.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { full } from '../lib/time.js';
import { confirm } from '../parts/dialog.js';
import { exportAll } from '../parts/export.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { mayForget } from './forgetting.js';
import { keyList } from './keys.js';
import { sessionList } from './sessions.js';
import { settingsForms } from './settings.js';
import { webhookList } from './webhooks.js';

/** @import { ClientSettings } from '../api/types.js' */
/** @import { Child } from '../lib/dom.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** @param {ClientSettings} settings @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function accountView(settings, desk, signal) {
  const since = h('p', { class: 'soft small line' });
  me().then(
    ({ created_at: at }) => fill(since, `Here since ${full(at)}.`),
    () => {},
  );
  const { quiet, encoding } = settingsForms(desk.setup);
  const heading = h('h2', { tabindex: '-1' }, 'Account');
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': 'All conversations', title: 'All conversations' }, icon('back'));
  const element = h(
    'section',
    { class: 'view', 'aria-label': 'Account' },
    h('div', { class: 'bar' }, back, heading),
    h(
      'div',
      { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': 'Settings' },
      part(
        'You',
        h('p', { class: 'agent' }, 'Logged in as ', h('strong', {}, session()?.name ?? ''), '.'),
        since,
        h('button', { type: 'button', class: 'button', onclick: () => bye(desk) }, 'Log out'),
      ),
      part('Sessions', h('p', { class: 'soft' }, 'Where you are logged in.'), sessionList(desk)),
      part('Password', h('p', { class: 'soft' }, 'A new password logs you out everywhere else.'), passwordForm()),
      part('API keys', h('p', { class: 'soft' }, 'What lets your programs use the API without your password. A new password does not end them.'), keyList(desk.inbox.open)),
      part('Quiet hours', h('p', { class: 'soft' }, 'When none of your texts leave, but for login codes. What you send then waits until they are over.'), quiet),
      part('Special characters', h('p', { class: 'soft' }, 'Typographic quotes and dashes make texts dearer: only 70 characters fit into a segment then, not 160.'), encoding),
      part('Webhooks', h('p', { class: 'soft' }, 'Your programs are called when a text changes or arrives. ', h('a', { href: 'docs' }, 'How that works')), webhookList(desk, signal)),
      part('Your texts', exportAll('Save them as a file.')),
      part('Leave', ...leaving(desk)),
      h('p', { class: 'soft small' }, `MySMS ${settings.version} · `, h('a', { href: 'docs' }, 'The API')),
    ),
  );
  return { element, title: 'Account', focus: () => heading.focus() };
}

/** @param {string} title @param {...Child} content */
const part = (title, ...content) => h('section', { class: 'part' }, h('h3', {}, title), ...content);

/** @param {Desk} desk */
async function bye(desk) {
  if (await mayForget(desk)) await logOut();
}

function passwordForm() {
  const old = field('Old password', { name: 'old_password', type: 'password', required: true, autocomplete: 'current-password' });
  const next = field('New password', { name: 'new_password', type: 'password', required: true, autocomplete: 'new-password' }, '8 to 128 characters');
  const done = h('p', { class: 'done', role: 'status' });
  const body = form(
    [old, next],
    { label: 'Change password' },
    async ({ old_password = '', new_password = '' }) => {
      fill(done);
      const { name, kept } = session() ?? { name: '', kept: false };
      await enter(await changePassword(old_password, new_password), name, kept);
      body.reset();
      fill(done, 'Changed. You are logged out everywhere else.');
    },
    done,
  );
  return body;
}

/** @param {Desk} desk @returns {Child[]} */
function leaving(desk) {
  const erase = async () => {
    const text = 'All texts you sent, and all you received, are deleted for good. What still waits is not sent.';
    const answers = { yes: 'Delete all', no: 'Keep them' };
    if (!(await confirm('Delete all your messages?', text, answers, exportAll('Save them as a file first:')))) return;
    await removeAll(desk.user);
    announce('All messages are deleted.');
  };
  const password = field('Password', { name: 'password', type: 'password', required: true, autocomplete: 'current-password' });
  const close = form([password], { label: 'Delete account', danger: true }, async (values) => {
    const text = 'Your account and all messages, sent and received, are deleted for good. What still waits is not sent.';
    const answers = { yes: 'Delete everything' };
    if (!(await confirm('Delete your account?', text, answers, exportAll('Save your texts as a file first:')))) return;
    await leave(values.password ?? '');
    await logOut();
  });
  return [
    form([], { label: 'Delete all messages', danger: true }, erase),
    h('p', { class: 'soft' }, 'Or delete your account with all that is in it. Your name is free for others then.'),
    close,
  ];
}
