import { exported } from '../api/search.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { h, setText, uniqueId } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { choice } from './field.js';

/** @import { Search } from '../api/search.js' */

/** @type {{label: string, kind: 'text/csv' | 'application/x-ndjson', ending: string}[]} */
const FORMATS = [
  { label: words.export.csv, kind: 'text/csv', ending: 'csv' },
  { label: words.export.ndjson, kind: 'application/x-ndjson', ending: 'ndjson' },
];

/** Buttons that save the texts which are looked for. @param {() => Search} search @param {string} label which ones these are */
export function exportButtons(search, label) {
  const id = uniqueId('export');
  const fault = h('p', { class: 'fault', hidden: true });
  const buttons = FORMATS.map(({ label, kind, ending }) => {
    const onclick = async () => {
      if (button.getAttribute('aria-busy')) return;
      button.setAttribute('aria-busy', 'true');
      fault.hidden = true;
      try {
        save(await exported(search(), kind), `mysms-${new Date().toISOString().slice(0, 10)}.${ending}`);
        announce(words.export.saved);
      } catch (error) {
        fault.hidden = false;
        setText(fault, sentence(error));
        alarm(sentence(error));
      }
      button.removeAttribute('aria-busy');
    };
    const button = h('button', { type: 'button', class: 'button', onclick }, label);
    return button;
  });
  return h('div', { class: 'export', role: 'group', 'aria-labelledby': id }, h('p', { id, class: 'soft' }, label), h('div', { class: 'actions' }, ...buttons), fault);
}

/** Buttons that save all texts of the user, with a choice of the direction. @param {string} label */
export function exportAll(label) {
  const direction = choice(words.export.which, 'direction', [
    ['any', words.export.both],
    ['outbound', words.common.sent],
    ['inbound', words.common.received],
  ]);
  const search = () => ({ direction: /** @type {Search['direction']} */ (direction.input.value) });
  return h('div', {}, direction.element, exportButtons(search, label));
}

/** Gives a file to the user. @param {Blob} file @param {string} name */
export function save(file, name) {
  const href = URL.createObjectURL(file);
  h('a', { href, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
