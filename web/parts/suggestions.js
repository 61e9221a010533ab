import { announce } from '../lib/announce.js';
import { fill, h, setAttribute, uniqueId } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { formatNumber } from '../model/number.js';

/** @import { Contact } from '../api/types.js' */

/**
 * Suggests contacts under an input while something is typed there (a combobox of ARIA's patterns).
 *
 * @param {HTMLInputElement} input
 * @param {(text: string) => Contact[]} find
 * @param {(contact: Contact) => void} choose
 * @returns {HTMLElement} the list, which is to stand behind the input
 */
export function suggestions(input, find, choose) {
  const id = uniqueId('suggestions');
  const list = h('ul', { id, class: 'suggestions', role: 'listbox', 'aria-label': words.people.title, hidden: true });
  /** @type {Contact[]} */
  let shown = [];
  let at = -1;
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-expanded': 'false' })) input.setAttribute(name, value);

  const point = (/** @type {number} */ place) => {
    at = place;
    for (const [index, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(index === at));
    const option = list.children[at];
    option?.scrollIntoView({ block: 'nearest' });
    setAttribute(input, 'aria-activedescendant', option?.id ?? null);
  };
  const show = (/** @type {Contact[]} */ found) => {
    shown = found;
    fill(list, ...found.map((contact) => option(contact, () => take(contact))));
    list.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(found.length > 0));
    point(-1);
  };
  const take = (/** @type {Contact} */ contact) => {
    show([]);
    choose(contact);
    input.focus();
  };
  input.addEventListener('input', (event) => {
    // What a program puts there was not typed.
    const text = event.isTrusted ? input.value.trim() : '';
    show(text ? find(text) : []);
    if (shown.length > 0) announce(words.people.found(shown.length));
  });
  input.addEventListener('keydown', (event) => {
    if (shown.length === 0 || event.isComposing) return;
    const { key } = event;
    if (key === 'ArrowDown') point((at + 1) % shown.length);
    else if (key === 'ArrowUp') point((at <= 0 ? shown.length : at) - 1);
    else if (key === 'Escape') show([]);
    else if (key === 'Enter' && shown[at]) take(/** @type {Contact} */ (shown[at]));
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  input.addEventListener('blur', () => show([]));
  return list;
}

/** @param {Contact} contact @param {() => void} take */
function option({ name, number }, take) {
  const element = h('li', { id: uniqueId('suggestion'), role: 'option', 'aria-selected': 'false' }, h('span', { dir: 'auto' }, name), ' ', h('span', { class: 'soft small' }, formatNumber(number)));
  element.addEventListener('mousedown', (event) => {
    // The input keeps the focus.
    event.preventDefault();
    take();
  });
  return element;
}
