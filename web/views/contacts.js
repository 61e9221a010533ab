import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { conversationPlace } from '../lib/router.js';
import { words } from '../lib/words.js';
import { asTable } from '../model/address-book.js';
import { maybesOf } from '../model/maybes.js';
import { formatNumber } from '../model/number.js';
import { avatar } from '../parts/avatar.js';
import { save } from '../parts/export.js';
import { empty, failed, loading } from '../parts/states.js';
import { openContact } from './contact.js';
import { openImport } from './import.js';

/** @import { Contact } from '../api/types.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** As many are shown before more are asked for. */
const SHOWN = 200;

/** Whom the user knows. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function contactsView(desk, signal) {
  const { contacts } = desk;
  let most = SHOWN;
  const input = h('input', { class: 'input', type: 'search', 'aria-label': words.people.search, placeholder: words.people.search });
  const label = h('select', { class: 'input', 'aria-label': words.people.label });
  const rows = h('ul', { class: 'rows' });
  const list = new KeyedList(rows, (contact) => contact.number, (contact) => row(desk, contact));
  const rest = h('div', {});
  const render = () => {
    showLabels(label, contacts.labels());
    const found = contacts.find(input.value, Infinity).filter(({ labels }) => !label.value || labels.includes(label.value));
    list.show(found.slice(0, most));
    rows.hidden = found.length === 0;
    const more = () => {
      most += SHOWN;
      render();
    };
    if (contacts.state === 'loading') fill(rest, loading(6, 'rows'));
    else if (contacts.state === 'failed') fill(rest, failed(words.common.notLoaded, contacts.failure ?? '', () => contacts.load()));
    else if (contacts.list().length === 0) fill(rest, empty('people', words.people.none, words.people.noneHint));
    else if (found.length === 0) fill(rest, empty('search', words.search.nothing, ''));
    else fill(rest, found.length > most && h('button', { type: 'button', class: 'button wide', onclick: more }, words.common.loadMore));
  };
  const look = () => {
    most = SHOWN;
    render();
    announce(words.people.found(contacts.find(input.value, Infinity).length));
  };
  input.addEventListener('input', look);
  label.addEventListener('change', look);
  contacts.changes.on(render, signal);
  render();

  const doubts = h('a', { class: 'button', href: '#/maybes', hidden: true }, words.maybes.title);
  // Only whoever looks after a sender may see them.
  const maybes = maybesOf(desk);
  const offer = () => (doubts.hidden = !maybes.open);
  maybes.changes.on(offer, signal);
  offer();
  const give = () => save(new Blob([asTable(contacts.list())], { type: 'text/csv' }), 'contacts.csv');
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick, kind = 'button') => h('button', { type: 'button', class: kind, onclick }, text);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const heading = h('h2', { tabindex: '-1' }, words.people.title);
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.people.title },
    h('div', { class: 'bar' }, back, heading),
    h(
      'div',
      { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.people.search },
      h(
        'div',
        { class: 'actions' },
        button(words.people.add, () => openContact(desk, null), 'button primary'),
        button(words.people.import, () => openImport(desk)),
        button(words.people.export, give),
        doubts,
      ),
      h('div', { class: 'search', role: 'search' }, input, label),
      rows,
      rest,
    ),
  );
  return { element, title: words.people.title, focus: () => heading.focus() };
}

/** @param {HTMLSelectElement} select @param {string[]} labels */
function showLabels(select, labels) {
  const chosen = labels.includes(select.value) ? select.value : '';
  select.hidden = labels.length === 0;
  fill(select, h('option', { value: '' }, words.people.anyLabel), ...labels.map((value) => h('option', { value }, value)));
  select.value = chosen;
}

/** @param {Desk} desk @param {Contact} first @returns {Row<Contact>} */
function row(desk, first) {
  const { number } = first;
  const place = h('a', { class: 'row with-avatar', href: conversationPlace(number) });
  const edit = h('button', { type: 'button', class: 'tool', onclick: () => openContact(desk, number) }, icon('edit'));
  const update = (/** @type {Contact} */ { name, labels }) => {
    const label = words.people.editOf(name);
    edit.setAttribute('aria-label', label);
    edit.title = label;
    fill(
      place,
      avatar(name, number),
      h('span', { class: 'row-number', dir: 'auto' }, name),
      h('span', { class: 'row-text' }, formatNumber(number)),
      labels.length > 0 && h('span', { class: 'row-status' }, labels.join(', ')),
    );
  };
  return { element: h('li', { class: 'row-line' }, place, edit), update };
}
