import { showPassword } from '../api/client.js';
import { enter, wantedToStay } from '../api/login.js';
import { fileAddress } from '../lib/base.js';
import { h } from '../lib/dom.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { ribbon } from '../parts/ribbon.js';

/** @import { ClientSettings } from '../api/types.js' */

const WORDS = {
  login: { title: 'Log in', other: 'No account yet?', otherTitle: 'Sign up', otherPlace: '#/signup' },
  signup: { title: 'Sign up', other: 'You have an account?', otherTitle: 'Log in', otherPlace: '#/login' },
};

/**
 * Logging in and signing up. Where sign-up is closed the page says so, and lets those in who have an invite.
 *
 * @param {ClientSettings} settings
 * @param {'login' | 'signup'} way
 */
export function authView(settings, way) {
  const { title, other, otherTitle, otherPlace } = WORDS[way];
  const signup = way === 'signup';
  const fields = [name(signup), password(signup), ...(signup && settings.signup !== 'open' ? [invite()] : [])];
  // Not unasked: who reads texts on a computer that others use loses more by it than who has to log in again.
  const stay = h('input', { type: 'checkbox', checked: wantedToStay() });
  const send = async (/** @type {Record<string, string>} */ { username = '', password = '', invite }) => {
    const who = { username: username.trim(), password };
    const login = await showPassword(way, invite === undefined ? who : { ...who, invite: invite.trim() });
    await enter(login, who.username, stay.checked);
  };
  const keep = h('label', { class: 'box' }, stay, 'Keep me logged in on this device');
  const body = form(fields, { label: title }, send, keep);
  const closed = h('p', {}, 'Sign-up is closed here. An invite lets you in all the same.');
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
        : h('p', { class: 'soft' }, 'Send texts, see what becomes of them, and read the answers.'),
      body,
      h('p', { class: 'soft' }, `${other} `, h('a', { href: otherPlace }, otherTitle)),
    ),
  );
  return { element, title, focus: () => fields[0]?.input.focus() };
}

/** @param {boolean} signup */
const name = (signup) =>
  field(
    'Username',
    { name: 'username', required: true, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 },
    signup ? '3 to 64 letters, digits, or . _ - @' : undefined,
  );

/** @param {boolean} signup */
const password = (signup) =>
  field(
    'Password',
    { name: 'password', type: 'password', required: true, autocomplete: signup ? 'new-password' : 'current-password' },
    signup ? '8 to 128 characters' : undefined,
  );

const invite = () =>
  field(
    'Invite',
    { name: 'invite', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
    'The code that you were given; it works once',
  );
