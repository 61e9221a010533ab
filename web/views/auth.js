import { enter } from '../api/client.js';
import { begin } from '../api/session.js';
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
 * Logging in and signing up.
 *
 * @param {ClientSettings} settings
 * @param {'login' | 'signup'} way
 */
export function authView(settings, way) {
  const { title, other, otherTitle, otherPlace } = WORDS[way];
  const signup = way === 'signup';
  const fields = [
    field(
      'Username',
      { name: 'username', required: true, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 },
      signup ? '3 to 64 letters, digits, or . _ - @' : undefined,
    ),
    field(
      'Password',
      { name: 'password', type: 'password', required: true, autocomplete: signup ? 'new-password' : 'current-password' },
      signup ? '8 to 128 characters' : undefined,
    ),
  ];
  const body = form(fields, { label: title }, async ({ username = '', password = '' }) => {
    begin(await enter(way, username.trim(), password), username.trim());
  });
  const element = h(
    'div',
    { class: 'door' },
    h('header', {}, ribbon(settings)),
    h(
      'main',
      { class: 'alone' },
      h('p', { class: 'brand' }, h('img', { src: 'web/icon.svg', alt: '', width: 32, height: 32 }), 'MySMS'),
      h('h1', {}, title),
      h('p', { class: 'soft' }, 'Send texts, see what becomes of them, and read the answers.'),
      body,
      h('p', { class: 'soft' }, `${other} `, h('a', { href: otherPlace }, otherTitle)),
    ),
  );
  return { element, title, focus: () => fields[0]?.input.focus() };
}
