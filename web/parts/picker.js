import { h, setText } from '../lib/dom.js';
import { combobox } from './combobox.js';
import { openDialog } from './dialog.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * Something that can be picked.
 *
 * @typedef {object} Option
 * @property {string} label
 * @property {string} [hint] what it is, or which key does the same
 * @property {() => void} run
 */

/**
 * Opens a field over the page that searches a list, of which one is picked by the keyboard or the mouse.
 *
 * @param {string} title
 * @param {{placeholder: string, nothing: string}} told
 * @param {(typed: string) => Option[]} search what is offered, the best first
 */
export function openPicker(title, { placeholder, nothing }, search) {
  const none = h('p', { class: 'soft', role: 'status' });
  const input = h('input', { class: 'input', 'aria-label': title, autocomplete: 'off', spellcheck: 'false', autofocus: true, placeholder });
  const take = (/** @type {Option} */ option) => {
    dialog.close();
    option.run();
  };
  const { list, show, count } = combobox(input, { label: title, content, take, eager: true });
  const offer = () => {
    show(search(input.value.trim()));
    setText(none, count() === 0 ? nothing : '');
  };
  input.addEventListener('input', offer);
  const dialog = openDialog(title, {}, input, list, none);
  offer();
}

/** @param {Option} option @returns {Child[]} */
const content = ({ label, hint }) => [h('span', { dir: 'auto' }, label), hint && ' ', hint && h('span', { class: 'soft small' }, hint)];
