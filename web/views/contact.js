import { putContact, removeContact } from '../api/contacts.js';
import { announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { formatNumber, parseNumber } from '../model/number.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { area, field } from '../parts/field.js';
import { form } from '../parts/form.js';

/** @import { Desk } from '../model/desk.js' */

/** Asks what is known of somebody, of whom something may be known already. @param {Desk} desk @param {string | null} number if it is known */
export function openContact(desk, number) {
  const known = number ? desk.contacts.get(number) : undefined;
  const name = field(words.people.name, { name: 'name', required: true, maxlength: 100, autocomplete: 'off', value: known?.name ?? '' });
  const to = field(words.people.number, { name: 'number', type: 'tel', required: true, autocomplete: 'off', readonly: number !== null, value: number ? formatNumber(number) : '' }, number === null ? words.new.toHint : undefined);
  const labels = field(words.people.labels, { name: 'labels', autocomplete: 'off', value: known?.labels.join(', ') ?? '' }, words.people.labelsHint);
  const note = area(words.people.note, { name: 'note', rows: 3, maxlength: 1000 });
  note.input.value = known?.note ?? '';
  const keep = form([name, to, labels, note], { label: words.people.save }, async (values) => {
    const whom = number ?? parseNumber(values.number ?? '');
    if (!whom) {
      to.fail(words.new.noNumber);
      to.input.focus();
      return;
    }
    await putContact({ number: whom, name: values.name ?? '', note: values.note ?? '', labels: parted(values.labels ?? '') });
    dialog.close();
    announce(words.common.saved);
    await desk.contacts.changed();
  });
  const erase = async () => {
    if (!known || !(await confirm(words.people.deleteTitle(known.name), words.people.deleteText, { yes: words.common.delete }))) return;
    await removeContact(known.number);
    dialog.close();
    announce(words.people.deleted);
    await desk.contacts.changed();
  };
  const dialog = openDialog(
    known ? words.people.edit : words.people.add,
    {},
    keep,
    known ? form([], { label: words.people.delete, danger: true }, erase) : null,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, words.common.close)),
  );
  (known || number ? name : to).input.focus();
}

/** @param {string} text */
const parted = (text) => [...new Set(text.split(',').map((label) => label.trim()).filter(Boolean))];
