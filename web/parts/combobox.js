import { fill, h, setAttribute, uniqueId } from '../lib/dom.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * Lets one of a list be taken while an input keeps the focus, by the arrow keys and Enter or by the mouse (a combobox
 * of ARIA's patterns).
 *
 * @template T
 * @param {HTMLInputElement} input
 * @param {object} told
 * @param {string} told.label of the list
 * @param {(item: T) => Child[]} told.content
 * @param {(item: T) => void} told.take
 * @param {boolean} [told.eager] whether Enter takes the first of them when none was pointed at
 * @returns {{list: HTMLElement, show: (items: T[]) => void, count: () => number}} the list is to stand behind the input
 */
export function combobox(input, { label, content, take, eager = false }) {
  const id = uniqueId('options');
  const list = h('ul', { id, class: 'options', role: 'listbox', 'aria-label': label, hidden: true });
  /** @type {T[]} */
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
  const show = (/** @type {T[]} */ items) => {
    shown = items;
    fill(list, ...items.map((item) => option(content(item), () => take(item))));
    list.hidden = items.length === 0;
    input.setAttribute('aria-expanded', String(items.length > 0));
    point(eager && items.length > 0 ? 0 : -1);
  };
  input.addEventListener('keydown', (event) => {
    if (shown.length === 0 || event.isComposing) return;
    const { key } = event;
    const chosen = shown[at];
    if (key === 'ArrowDown') point((at + 1) % shown.length);
    else if (key === 'ArrowUp') point((at <= 0 ? shown.length : at) - 1);
    else if (key === 'Enter' && chosen) take(chosen);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  return { list, show, count: () => shown.length };
}

/** @param {Child[]} content @param {() => void} take */
function option(content, take) {
  const element = h('li', { id: uniqueId('option'), role: 'option', 'aria-selected': 'false' }, ...content);
  element.addEventListener('mousedown', (event) => {
    // The input keeps the focus.
    event.preventDefault();
    take();
  });
  return element;
}
