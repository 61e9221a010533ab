import { h, uniqueId } from '../lib/dom.js';
import { words } from '../lib/words.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * Opens a dialog over the page; it keeps the focus, and gives it back at the end.
 *
 * @param {string} title
 * @param {{dismissible?: boolean}} options
 * @param {...Child} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, { dismissible = true } = {}, ...content) {
  const id = uniqueId('dialog');
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': id }, h('h2', { id }, title), ...content);
  dialog.addEventListener('cancel', (event) => dismissible || event.preventDefault());
  dialog.addEventListener('close', () => {
    dialog.remove();
    // What had the focus may be gone by now, and the user is to go on near it.
    if (document.activeElement === document.body) /** @type {HTMLElement | null} */ (document.querySelector('.stage'))?.focus();
  });
  dialog.addEventListener('click', (event) => {
    // The dialog's own box is covered by what is in it: this is the ground around it.
    if (dismissible && event.target === dialog && !inside(dialog, event)) dialog.close();
  });
  // Of what was asked for twice, such as by a key before it was there, one is open.
  for (const other of document.querySelectorAll('dialog')) if (other.querySelector('h2')?.textContent === title) other.close();
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {HTMLDialogElement} dialog @param {MouseEvent} event */
function inside(dialog, { clientX, clientY }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}

/**
 * Asks before something that cannot be undone, or costs something.
 *
 * @param {string} title a question
 * @param {string} text what will happen
 * @param {{yes: string, no?: string, harmless?: boolean}} answers harmless if nothing is lost by a yes
 * @param {...Child} rest what else is to be seen
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, { yes, no = words.common.keep, harmless = false }, ...rest) {
  return new Promise((resolve) => {
    let answer = false;
    const choose = (/** @type {boolean} */ chosen) => () => {
      answer = chosen;
      dialog.close();
    };
    const dialog = openDialog(
      title,
      {},
      h('p', {}, text),
      ...rest,
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'button', onclick: choose(false), autofocus: true }, no),
        h('button', { type: 'button', class: harmless ? 'button primary' : 'button danger', onclick: choose(true) }, yes),
      ),
    );
    dialog.addEventListener('close', () => resolve(answer));
  });
}
