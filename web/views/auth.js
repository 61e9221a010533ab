import { showPassword } from '../api/client.js';
import { enter, wantedToStay } from '../api/login.js';
import { fileAddress } from '../lib/base.js';
import { h, phrase } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { ribbon } from '../parts/ribbon.js';

/** @import { ClientSettings } from '../api/types.js' */

const WAYS = {
  login: { title: words.auth.login, other: words.auth.noAccount, otherTitle: words.auth.signup, otherPlace: '#/signup' },
  signup: { title: words.auth.signup, other: words.auth.hasAccount, otherTitle: words.auth.login, otherPlace: '#/login' },
};

/**
 * Logging in and signing up. Where sign-up is closed the page says so, and lets those in who have an invite.
 *
 * @param {ClientSettings} settings
 * @param {'login' | 'signup'} way
 */
export function authView(settings, way) {
  const { title, other, otherTitle, otherPlace } = WAYS[way];
  const signup = way === 'signup';
  const fields = [name(signup), password(signup), ...(signup && settings.signup !== 'open' ? [invite()] : [])];
  // Not unasked: who reads texts on a computer that others use loses more by it than who has to log in again.
  const stay = h('input', { type: 'checkbox', checked: wantedToStay() });
  const send = async (/** @type {Record<string, string>} */ { username = '', password = '', invite }) => {
    const who = { username: username.trim(), password };
    const login = await showPassword(way, invite === undefined ? who : { ...who, invite: invite.trim() });
    await enter(login, who.username, stay.checked);
  };
  const keep = h('label', { class: 'box' }, stay, words.auth.stay);
  const body = form(fields, { label: title }, send, keep);
  const closed = h('p', {}, words.auth.closed);
  const element = h(
    'div',
    { class: 'door' },
    h('header', {}, ribbon(settings)),
    h(
      'main',
      { class: 'alone' },
      h('p', { class: 'brand' }, h('img', { src: fileAddress('icon.svg'), alt: '', width: 32, height: 32 }), 'MySMS'),
      h('h1', {}, title),
      signup && settings.signup === 'closed'
        ? closed
        : h('p', { class: 'soft' }, words.auth.slogan),
      body,
      h('p', { class: 'soft' }, ...phrase(other, { link: h('a', { href: otherPlace }, otherTitle) })),
    ),
  );
  return { element, title, focus: () => fields[0]?.input.focus() };
}

/** @param {boolean} signup */
const name = (signup) =>
  field(
    words.common.username,
    { name: 'username', required: true, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 },
    signup ? words.auth.nameHint : undefined,
  );

/** @param {boolean} signup */
const password = (signup) =>
  field(
    words.common.password,
    { name: 'password', type: 'password', required: true, autocomplete: signup ? 'new-password' : 'current-password' },
    signup ? words.field.passwordHint : undefined,
  );

const invite = () =>
  field(
    words.auth.invite,
    { name: 'invite', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
    words.auth.inviteHint,
  );
