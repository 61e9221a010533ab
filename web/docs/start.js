import { fill, h, uniqueId } from '../lib/dom.js';
import { address } from '../lib/base.js';
import { current, learn } from './login.js';
import { markdown } from './markdown.js';

/** @import { Contract } from './contract.js' */

/** @typedef {{simulated: boolean, simulator_page: string | null, signup: string}} Installation */

/**
 * Where everybody begins: a login, a first text, and what holds for all calls.
 *
 * @param {Contract} contract
 * @param {Installation} installation
 * @param {AbortSignal} left when something else is shown
 */
export function showStart(contract, installation, left) {
  const login = h('div', { class: 'stack' });
  const show = () => fill(login, current() ? loggedIn() : form(installation));
  addEventListener('login', show, { signal: left });
  show();
  return [
    h('h1', { tabindex: -1 }, 'MySMS Messenger API'),
    installation.simulated && simulated(installation),
    h('h2', {}, '1. Sign up or log in'),
    login,
    h('h2', {}, '2. Send a text'),
    h('p', {}, h('a', { href: '#/sendMessage' }, 'Send a message'), ', then ', h('a', { href: '#/getMessage' }, 'look at it'), ' or ', h('a', { href: '#/streamEvents' }, 'follow what becomes of it'), '. Each page of a call has a form that sends the request, and shows it as a command for a shell.'),
    h('h2', {}, 'What holds for all calls'),
    ...markdown(contract.introduction),
    h('p', { class: 'soft small' }, `Version ${contract.version}`),
  ];
}

function loggedIn() {
  return h('p', {}, 'You are logged in as ', h('strong', {}, current()?.name ?? ''), ': the token goes with every call that you try here, and lasts as long as this tab.');
}

/** @param {Installation} installation */
function simulated({ simulator_page: phones }) {
  return h('p', { class: 'notice' }, 'Texts stay in the simulator: nothing you send here costs anything or reaches anybody. ', phones && h('a', { href: phones }, 'Its phones show them.'));
}

/** @param {Installation} installation */
function form({ signup }) {
  const name = input('text', 'username');
  const password = input('password', 'current-password');
  const invite = input('text', 'off');
  const fault = h('p', { class: 'fault', role: 'alert' });
  /** @param {string} path */
  const ask = async (path) => {
    const asked = { username: name.value, password: password.value, ...(path === 'signup' && invite.value ? { invite: invite.value } : {}) };
    fill(fault);
    try {
      const answer = await fetch(address(path), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(asked), credentials: 'omit' });
      const said = await answer.json();
      if (answer.ok) learn(path, said, asked);
      else fill(fault, said.detail);
    } catch {
      fill(fault, 'The server cannot be reached.');
    }
  };
  return h('form', { class: 'form narrow', onsubmit: (event) => { event.preventDefault(); ask('signup'); } },
    labelled('Username', name),
    labelled('Password', password),
    signup !== 'open' && labelled(signup === 'invite' ? 'Invite, to sign up' : 'Invite, if you have one', invite),
    fault,
    h('div', { class: 'actions' },
      h('button', { class: 'button primary' }, 'Sign up'),
      h('button', { type: 'button', class: 'button', onclick: () => ask('login') }, 'Log in')));
}

/** @param {string} type @param {string} autocomplete */
const input = (type, autocomplete) => h('input', { class: 'input', id: uniqueId('login'), type, autocomplete });

/** @param {string} label @param {HTMLInputElement} field */
const labelled = (label, field) => h('div', { class: 'field' }, h('label', { for: field.id }, label), field);
