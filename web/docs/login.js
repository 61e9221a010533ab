import { fill, h } from '../lib/dom.js';

/**
 * Who tries the calls. It lasts as long as the tab, reloads included.
 *
 * @typedef {{token: string, name: string, hash: string}} Login
 */

const KEY = 'mysms-docs';

/** @type {Login | null} */
let login = read();
/** The message that was sent last, for the calls that are about one. */
let lastMessage = '';

/** @returns {Login | null} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}

export const current = () => login;
export const latestMessage = () => lastMessage;

/** @param {Login | null} next */
export function become(next) {
  login = next;
  try {
    if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage it lasts until the page is left.
  }
  showLogin();
  dispatchEvent(new Event('login'));
}

export function showLogin() {
  const place = document.getElementById('login');
  if (!place) return;
  if (!login) return fill(place, 'Not logged in');
  const leave = h('button', { type: 'button', class: 'link', onclick: () => become(null) }, 'Forget it');
  fill(place, 'Logged in as ', h('strong', {}, login.name), ' ', leave);
}

/**
 * Takes from an answer what later calls need.
 *
 * @param {string} operation
 * @param {any} answer
 * @param {any} asked
 */
export function learn(operation, answer, asked) {
  if (typeof answer?.token === 'string') {
    const name = asked?.username ?? login?.name ?? '';
    const hash = answer.username_hash ?? login?.hash ?? '';
    become({ token: answer.token, name: String(name).trim(), hash });
  } else if (operation === 'logOut' || operation === 'deleteMe') {
    become(null);
  } else if (operation === 'sendMessage' && typeof answer?.id === 'string') {
    lastMessage = answer.id;
  }
}
