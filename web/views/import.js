import { MOST_AT_ONCE, putContacts } from '../api/contacts.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { addressBook } from '../model/address-book.js';
import { formatNumber } from '../model/number.js';
import { openDialog } from '../parts/dialog.js';

/** @import { Contact } from '../api/types.js' */
/** @import { AddressBook } from '../model/address-book.js' */
/** @import { Desk } from '../model/desk.js' */

/** As many are shown before they are kept. */
const SHOWN = 5;

/** No address book that people have is longer, in bytes. */
const LONGEST = 20 * 1024 * 1024;

/** Takes contacts from a file, after a look at what is in it. @param {Desk} desk */
export function openImport(desk) {
  const input = h('input', { type: 'file', class: 'input', accept: '.vcf,.csv,.txt,text/vcard,text/csv', 'aria-label': words.people.file });
  const found = h('div', { class: 'found', role: 'status' });
  const fault = h('p', { class: 'fault', hidden: true });
  const start = h('button', { type: 'button', class: 'button primary', hidden: true }, words.people.importYes);
  const leave = h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, words.common.close);
  /** @type {AddressBook | null} */
  let book = null;
  const say = (/** @type {import('../lib/dom.js').Said} */ text) => {
    fault.hidden = !String(text);
    setText(fault, text);
    if (String(text)) alarm(text);
  };
  const look = async () => {
    say('');
    fill(found);
    book = null;
    const file = input.files?.[0];
    if (file) {
      try {
        if (file.size > LONGEST) throw new Error(file.name);
        book = addressBook(await file.arrayBuffer());
        fill(found, ...summary(desk, book));
      } catch {
        say(words.people.unreadable);
      }
    }
    start.hidden = !book || book.contacts.length === 0;
  };
  const keep = async () => {
    if (!book) return;
    const { contacts } = book;
    const bar = h('progress', { max: contacts.length, value: 0, 'aria-label': words.people.importing });
    fill(found, bar);
    [start.hidden, input.disabled] = [true, true];
    say('');
    try {
      const kept = await all(contacts, (done) => (bar.value = done));
      const text = [words.people.imported(kept), kept < contacts.length && words.people.refused(contacts.length - kept)].filter(Boolean).join(' ');
      fill(found, h('p', {}, text));
      announce(text);
    } catch (error) {
      // What was kept stays; to begin anew does no harm.
      say(sentence(error));
      [start.hidden, input.disabled] = [false, false];
    }
    await desk.contacts.changed();
  };
  input.addEventListener('change', look);
  start.addEventListener('click', keep);
  const dialog = openDialog(words.people.importTitle, {}, h('p', { class: 'soft' }, words.people.importHint), input, found, fault, h('div', { class: 'actions' }, leave, start));
}

/** @param {Contact[]} contacts @param {(done: number) => void} progress @returns {Promise<number>} how many are kept */
async function all(contacts, progress) {
  let kept = 0;
  for (let at = 0; at < contacts.length; at += MOST_AT_ONCE) {
    kept += (await putContacts(contacts.slice(at, at + MOST_AT_ONCE))).kept;
    progress(Math.min(at + MOST_AT_ONCE, contacts.length));
  }
  return kept;
}

/** @param {Desk} desk @param {AddressBook} book */
function summary(desk, { contacts, skipped }) {
  const known = contacts.filter(({ number }) => desk.contacts.get(number)).length;
  const lines = [words.people.ready(contacts.length), known > 0 && words.people.replaces(known), skipped > 0 && words.people.skipped(skipped)];
  const first = contacts.slice(0, SHOWN).map(({ name, number, labels }) => h('li', {}, `${name} · ${formatNumber(number)}${labels.length > 0 ? ` · ${labels.join(', ')}` : ''}`));
  return [h('p', {}, lines.filter(Boolean).join(' ')), h('ul', { class: 'soft small' }, ...first)];
}
