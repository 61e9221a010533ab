import { changePassword, leave, removeAll } from '../api/account.js';
import { me } from '../api/client.js';
import { enter, logOut } from '../api/login.js';
import { session } from '../api/session.js';
import { announce } from '../lib/announce.js';
import { fill, h, phrase } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { pause } from '../lib/pause.js';
import { full, soon } from '../lib/time.js';
import { words } from '../lib/words.js';
import { Notices } from '../model/notices.js';
import { confirm } from '../parts/dialog.js';
import { exportAll } from '../parts/export.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { loading } from '../parts/states.js';
import { mayForget } from './forgetting.js';
import { keyList } from './keys.js';
import { lookSettings } from './look.js';
import { noticesBox } from './notices-switch.js';
import { sessionList } from './sessions.js';
import { settingsForms } from './settings.js';
import { webhookList } from './webhooks.js';

/** @import { ClientSettings } from '../api/types.js' */
/** @import { Child } from '../lib/dom.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/**
 * What the server is asked for; `shown` ends once its answer, or why there is none, stands in `element`.
 *
 * @typedef {{element: HTMLElement, shown: Promise<void>}} Fetched
 */

/** How long this page waits for all of its parts, in milliseconds. */
const PATIENCE = 1000;

/** @param {ClientSettings} settings @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function accountView(settings, desk, signal) {
  const heading = h('h2', { tabindex: '-1' }, words.common.account);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const page = h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.account.settings }, loading(3, 'rows'));
  const { parts, shown } = contents(settings, desk, signal);
  // All of it together, so that nothing that is being read moves.
  Promise.race([shown, pause(PATIENCE, signal)]).then(() => fill(page, ...parts));
  const element = h('section', { class: 'view', 'aria-label': words.common.account }, h('div', { class: 'bar' }, back, heading), page);
  return { element, title: words.common.account, focus: () => heading.focus() };
}

/** @param {ClientSettings} settings @param {Desk} desk @param {AbortSignal} signal */
function contents(settings, desk, signal) {
  const since = h('p', { class: 'soft small' });
  const dated = me().then(
    ({ created_at: at, segments_today: day }) => fill(since, words.account.since(full(at)), day && ` ${words.account.today(day.used, day.limit, soon(day.ends_at))}`),
    () => {},
  );
  const { quiet, encoding, shown: set } = settingsForms(desk.setup);
  const sessions = sessionList(desk);
  const keys = keyList(desk.inbox.open);
  const webhooks = webhookList(desk, signal);
  const parts = [
    part(
      words.account.you,
      h('p', { class: 'agent' }, ...phrase(words.account.loggedIn, { name: h('strong', {}, session()?.name ?? '') })),
      since,
      h('button', { type: 'button', class: 'button', onclick: () => bye(desk) }, words.account.logOut),
    ),
    part(words.account.sessions, h('p', { class: 'soft' }, words.account.sessionsHint), sessions.element),
    part(words.look.title, h('p', { class: 'soft' }, words.look.hint), lookSettings()),
    part(words.common.password, h('p', { class: 'soft' }, words.account.passwordHint), passwordForm()),
    part(words.account.keys, h('p', { class: 'soft' }, words.account.keysHint), keys.element),
    part(words.account.quiet, h('p', { class: 'soft' }, words.account.quietHint), quiet),
    part(words.account.encoding, h('p', { class: 'soft' }, words.account.encodingHint), encoding),
    Notices.canBe && part(words.notices.title, h('p', { class: 'soft' }, words.notices.switchHint), noticesBox(desk)),
    part(words.templates.title, h('p', { class: 'soft' }, words.templates.hint), h('a', { class: 'button', href: '#/account/templates' }, words.templates.manage)),
    part(words.account.webhooks, h('p', { class: 'soft' }, ...phrase(words.account.webhooksHint, { link: h('a', { href: 'docs' }, words.account.webhooksLink) })), webhooks.element),
    part(words.account.texts, exportAll(words.export.all)),
    part(words.account.erase, ...leaving(desk)),
    h('p', { class: 'soft small' }, `MySMS ${settings.version} · `, h('a', { href: 'docs' }, words.account.api)),
  ];
  return { parts, shown: Promise.all([dated, set, sessions.shown, keys.shown, webhooks.shown]) };
}

/** @param {string} title @param {...Child} content */
const part = (title, ...content) => h('section', { class: 'part' }, h('h3', {}, title), ...content);

/** @param {Desk} desk */
async function bye(desk) {
  if (await mayForget(desk)) await logOut();
}

function passwordForm() {
  const old = field(words.account.oldPassword, { name: 'old_password', type: 'password', required: true, autocomplete: 'current-password' });
  const next = field(words.account.newPassword, { name: 'new_password', type: 'password', required: true, autocomplete: 'new-password' }, words.field.passwordHint);
  const done = h('p', { class: 'done', role: 'status' });
  const body = form(
    [old, next],
    { label: words.account.changePassword },
    async ({ old_password = '', new_password = '' }) => {
      fill(done);
      const { name, kept } = session() ?? { name: '', kept: false };
      await enter(await changePassword(old_password, new_password), name, kept);
      body.reset();
      fill(done, words.account.passwordChanged);
    },
    done,
  );
  return body;
}

/** @param {Desk} desk @returns {Child[]} */
function leaving(desk) {
  const erase = async () => {
    const answers = { yes: words.account.deleteAllYes, no: words.account.deleteAllNo };
    if (!(await confirm(words.account.deleteAllTitle, words.account.deleteAllText, answers, exportAll(words.export.first)))) return;
    await removeAll(desk.user);
    await desk.remembered?.clear();
    announce(words.account.allDeleted);
  };
  const password = field(words.common.password, { name: 'password', type: 'password', required: true, autocomplete: 'current-password' });
  const close = form([password], { label: words.account.deleteAccount, danger: true }, async (values) => {
    const answers = { yes: words.account.deleteAccountYes };
    if (!(await confirm(words.account.deleteAccountTitle, words.account.deleteAccountText, answers, exportAll(words.export.firstAccount)))) return;
    await leave(values.password ?? '');
    await logOut();
  });
  return [
    form([], { label: words.account.deleteAll, danger: true }, erase),
    h('p', { class: 'soft' }, words.account.deleteHint),
    close,
  ];
}
