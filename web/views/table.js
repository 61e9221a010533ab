import { alarm } from '../lib/announce.js';
import { fill, h, setText, uniqueId } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { DELIMITERS } from '../model/csv.js';
import { LARGEST, Table } from '../model/table.js';
import { choice } from '../parts/field.js';

const { comma, semicolon, tab, bar } = words.table.delimiters;

/** @type {Record<string, string>} */
const NAMES = { ',': comma, ';': semicolon, '\t': tab, '|': bar };

/** So many rows are shown. */
const SHOWN = 3;

/**
 * Takes a table out of a file, and lets its user say how it is to be read.
 *
 * @param {() => void} changed
 */
export function tableField(changed) {
  /** @type {Table | null} */
  let table = null;
  const input = h('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv,text/plain', hidden: true, 'aria-label': words.table.choose });
  const choose = h('button', { type: 'button', class: 'button', onclick: () => input.click() }, words.table.choose);
  const told = h('p', { class: 'agent', role: 'status' });
  const fault = h('p', { class: 'fault', hidden: true });
  const delimiter = choice(words.table.delimiter, 'delimiter', DELIMITERS.map((one) => [one, NAMES[one] ?? one]));
  const numbers = choice(words.table.numbers, 'numbers', []);
  const headerId = uniqueId('header');
  const header = h('input', { type: 'checkbox', id: headerId });
  const sample = h('table', {});
  const found = h(
    'div',
    { class: 'form', hidden: true },
    delimiter.element,
    h('div', { class: 'box' }, header, h('label', { for: headerId }, words.table.header)),
    h('div', { class: 'deliveries', tabindex: '0', role: 'region', 'aria-label': words.table.first }, sample),
    numbers.element,
  );
  const zone = h('div', { class: 'dropping' }, choose, input, h('p', { class: 'hint' }, words.table.drop), told, fault);
  const element = h('div', { class: 'form' }, zone, found);

  const say = (/** @type {string} */ text) => {
    fault.hidden = !text;
    setText(fault, text);
    if (text) alarm(text);
  };
  const show = () => {
    found.hidden = table === null;
    setText(told, table ? `${table.name} · ${table.encoding}` : '');
    if (table) {
      const { columns } = table;
      delimiter.input.value = table.delimiter;
      header.checked = table.hasHeader;
      fill(numbers.input, ...columns.map((name, place) => h('option', { value: place }, name)));
      numbers.input.value = String(table.numbers);
      const head = h('tr', {}, ...columns.map((name) => h('th', { scope: 'col' }, name)));
      const rows = table.first(SHOWN).map(({ fields }) => h('tr', {}, ...columns.map((_, place) => h('td', { dir: 'auto' }, fields[place] ?? ''))));
      fill(sample, h('thead', {}, head), h('tbody', {}, ...rows));
    }
    changed();
  };
  /** @param {File} file */
  const take = async (file) => {
    say('');
    table = null;
    if (file.size > LARGEST) say(words.table.large);
    else {
      try {
        const next = new Table(file.name, await file.arrayBuffer());
        if (next.columns.length === 0) say(words.table.empty);
        else table = next;
      } catch {
        say(words.people.unreadable);
      }
    }
    show();
  };
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file) take(file);
  });
  zone.addEventListener('dragover', (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault());
  zone.addEventListener('drop', (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  delimiter.input.addEventListener('change', () => {
    table?.divideBy(delimiter.input.value);
    show();
  });
  header.addEventListener('change', () => {
    table?.setHeader(header.checked);
    show();
  });
  numbers.input.addEventListener('change', () => {
    if (table) table.numbers = Number(numbers.input.value);
    show();
  });
  return { element, get: () => table, focus: () => choose.focus() };
}
