import { h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { openDialog } from './dialog.js';

/** Says something that has to be known, over the page. @param {string} title @param {string} text */
export function openNotice(title, text) {
  const close = h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => dialog.close() }, words.common.close);
  const dialog = openDialog(title, {}, h('p', {}, text), h('div', { class: 'actions' }, close));
}
