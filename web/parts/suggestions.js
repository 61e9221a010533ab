import { announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { formatNumber } from '../model/number.js';
import { combobox } from './combobox.js';

/** @import { Contact } from '../api/types.js' */
/** @import { Child } from '../lib/dom.js' */

/**
 * Suggests contacts under an input while something is typed there.
 *
 * @param {HTMLInputElement} input
 * @param {(text: string) => Contact[]} find
 * @param {(contact: Contact) => void} choose
 * @returns {HTMLElement} the list, which is to stand behind the input
 */
export function suggestions(input, find, choose) {
  const take = (/** @type {Contact} */ contact) => {
    show([]);
    choose(contact);
    input.focus();
  };
  const { list, show, count } = combobox(input, { label: words.people.title, content, take });
  input.addEventListener('input', (event) => {
    // What a program puts there was not typed.
    const text = event.isTrusted ? input.value.trim() : '';
    show(text ? find(text) : []);
    if (count() > 0) announce(words.people.found(count()));
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || count() === 0 || event.isComposing) return;
    show([]);
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  input.addEventListener('blur', () => show([]));
  return list;
}

/** @param {Contact} contact @returns {Child[]} */
const content = ({ name, number }) => [h('span', { dir: 'auto' }, name), ' ', h('span', { class: 'soft small' }, formatNumber(number))];
