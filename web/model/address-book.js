import { decode, delimiterOf, lineOf, rowsOf } from './csv.js';
import { parseNumber } from './number.js';
import { cardsOf } from './vcard.js';

/** @import { Contact } from '../api/types.js' */
/** @import { Card } from './vcard.js' */

/**
 * What a file has of contacts: those that can be kept, each number once, and how many cannot.
 *
 * @typedef {{contacts: Contact[], skipped: number}} AddressBook
 */

/** As much as the server takes of each. */
const LONGEST = { name: 100, note: 1000, label: 50 };
const MOST_LABELS = 10;

/** What columns are called: by us, and by the programs of Google, Microsoft and Apple, in a few languages. */
const COLUMNS = {
  name: /^(name|full ?name|display ?name|file as|anzeigename|nombre( completo)?)$/i,
  given: /^(first|given) ?name$|^vorname$|^nombre de pila$/i,
  family: /^(last|family) ?name$|^nachname$|^apellidos?$/i,
  number: /number|phone|mobile|telefon|tel[ée]fono|m[óo]vil|handy|^tel/i,
  note: /^(notes?|notizen?|notas?)$/i,
  labels: /^(labels?|tags?|categories|group membership|etiquetas?|kategorien)$/i,
};

/** A number is not called what Google calls its kind. */
const KIND = / - (type|label)$/i;

/** @param {ArrayBuffer} content of a file @returns {AddressBook} */
export function addressBook(content) {
  const { text } = decode(content);
  return bookOf(/^[^\S\n]*BEGIN:VCARD/im.test(text) ? cardsOf(text) : tableOf(text));
}

/** @param {Contact[]} contacts @returns {string} a table that can be read again */
export function asTable(contacts) {
  const lines = contacts.map(({ name, number, note, labels }) => lineOf([name, number, labels.join(', '), note]));
  return [lineOf(['name', 'number', 'labels', 'note']), ...lines].join('');
}

/** @param {Card[]} cards @returns {AddressBook} */
function bookOf(cards) {
  /** @type {Map<string, Contact>} */
  const contacts = new Map();
  let skipped = 0;
  for (const card of cards) {
    const numbers = new Set(card.numbers.map(parseNumber).filter((number) => number !== null));
    const name = cut(card.name.replace(/\s+/g, ' ').trim(), LONGEST.name);
    if (!name || numbers.size === 0) skipped += 1;
    else for (const number of numbers) contacts.set(number, { number, name, note: cut(card.note, LONGEST.note), labels: labelsOf(card.labels) });
  }
  return { contacts: [...contacts.values()], skipped };
}

/** With a `*` begins what Google itself makes of them. @param {string[]} labels */
const labelsOf = (labels) => [...new Set(labels.map((label) => cut(label.trim(), LONGEST.label)).filter((label) => label && !label.startsWith('*')))].slice(0, MOST_LABELS);

/** @param {string} text @param {number} longest in characters */
const cut = (text, longest) => [...text].slice(0, longest).join('').trim();

/** @param {string} text @returns {Card[]} */
function tableOf(text) {
  const rows = [...rowsOf(text, delimiterOf(text))].map(({ fields }) => fields);
  const [first = [], ...rest] = rows;
  const columns = columnsOf(first);
  if (columns) return rest.map((fields) => cardOf(fields, columns));
  // Without names of columns a number is what can be one, and a name what stands beside it first.
  return rows.map((fields) => {
    const numbers = fields.filter((field) => parseNumber(field) !== null);
    return { name: fields.find((field) => /\p{L}/u.test(field)) ?? '', numbers, note: '', labels: [] };
  });
}

/** @param {string[]} names @returns {Record<keyof typeof COLUMNS, number[]> | null} where each of them stands, if there are some */
function columnsOf(names) {
  const at = (/** @type {RegExp} */ called) => names.flatMap((name, place) => (called.test(name.trim()) && !KIND.test(name) ? [place] : []));
  const columns = Object.fromEntries(Object.entries(COLUMNS).map(([column, called]) => [column, at(called)]));
  return columns.number?.length ? /** @type {Record<keyof typeof COLUMNS, number[]>} */ (columns) : null;
}

/** @param {string[]} fields @param {Record<keyof typeof COLUMNS, number[]>} columns @returns {Card} */
function cardOf(fields, columns) {
  // What we write for spreadsheets begins with a mark, so that they take it for no formula.
  const read = (/** @type {number} */ place) => (fields[place] ?? '').trim().replace(/^'(?=[=+\-@])/, '');
  const of = (/** @type {keyof typeof COLUMNS} */ column) => columns[column].map(read).filter(Boolean);
  return {
    name: of('name')[0] ?? [...of('given'), ...of('family')].join(' '),
    // Google writes several numbers into one field.
    numbers: of('number').flatMap((number) => number.split(' ::: ')),
    note: of('note').join('\n'),
    labels: of('labels').flatMap((labels) => labels.split(/[,;]| ::: /)),
  };
}
