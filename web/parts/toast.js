import { announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { words } from '../lib/words.js';

/** How long what was done can be taken back here, in milliseconds. */
const SHOWN = 10_000;

/** @type {HTMLElement | null} */
let shown = null;

/** Says what was done, and lets it be taken back for a while. @param {string} text @param {() => void} undo */
export function toast(text, undo) {
  shown?.remove();
  const gone = () => {
    element.remove();
    clearTimeout(timer);
  };
  const take = () => {
    gone();
    undo();
  };
  const element = h('div', { class: 'toast' }, h('span', {}, text), h('button', { type: 'button', class: 'button quiet', onclick: take }, words.common.undo));
  const timer = setTimeout(gone, SHOWN);
  // Whoever is on the button may take their time.
  element.addEventListener('focusin', () => clearTimeout(timer));
  document.body.append(element);
  shown = element;
  announce(text);
}
