/*
 * Runs beside the tests: reads what nobody would write, 300,000 characters of each, by all that reads what people
 * paste, choose or send. Whatever takes longer than in proportion to that never comes to the end of it.
 */
import { parentPort } from 'node:worker_threads';

import { fold, placesOf } from '../lib/mark.js';
import { addressBook } from '../model/address-book.js';
import { delimiterOf, lineOf, rowsOf } from '../model/csv.js';
import { columnNames, fieldsIn, filled } from '../model/merge.js';
import { formatNumber, numberBehind, parseNumber, parsePart } from '../model/number.js';
import { faultOf, isList, isOpen, split } from '../model/recipients.js';
import { cost, smart } from '../model/segments.js';
import { filled as filledTemplate } from '../model/templates.js';
import { cardsOf } from '../model/vcard.js';

const LENGTH = 300_000;

/** @param {string} part @param {string} [before] @param {string} [after] */
const many = (part, before = '', after = '') => before + part.repeat(LENGTH / part.length) + after;

const TEXTS = [
  many(' ', '{{', 'x'), many('{{ '), many('{{a'), many('{', '', '}}x'), many('a', '{{', '}'), many('{{a}} '), many(' ', '{{a', '{{'),
  many('\n', '', 'x'), many('\r\n'), many('\t', '', 'x'), many(' ', '', 'x'), many('\ufeff', '', 'x'), many('\u200b', '', 'x'), many('(', '', 'x'),
  many(',', '', 'x'), many(';'), many('0'), many('(0)'), many('+'), many('1'), many('a'), many('a:'), many('a,a,'), many('"'), many('""'), many('a"', '"'),
  many('€'), many('=\n'), many('ENCODING=QUOTED-PRINTABLE'), many('=\n', 'ENCODING=QUOTED-PRINTABLE:'),
];

/** @type {Record<string, (text: string) => unknown>} */
const READERS = {
  fieldsIn,
  filled: (text) => filled(text, (name) => name),
  columnNames: (text) => columnNames(text.split(',')),
  filledTemplate: (text) => filledTemplate(text, {}),
  cardsOf,
  card: (text) => cardsOf(['FN', 'N', 'TEL', 'NOTE', 'CATEGORIES', 'TEL;TYPE'].map((name) => `BEGIN:VCARD\n${name}:${text.replaceAll('\n', ' ')}\\n\nEND:VCARD`).join('\n')),
  addressBook: (text) => addressBook(/** @type {ArrayBuffer} */ (new TextEncoder().encode(text).buffer)),
  delimiterOf,
  rows: (text) => DELIMITERS.map((delimiter) => count(text, delimiter)),
  lineOf: (text) => lineOf([text, text]),
  parseNumber, parsePart, numberBehind, formatNumber,
  faultOf, isList, isOpen, split,
  cost,
  smart: (text) => smart(text, new Map([['€', 'E']])),
  placesOf: (text) => placesOf([...text].map(fold), [...text.slice(0, LENGTH / 2), '\0']),
};

const DELIMITERS = [',', ';', '\t'];

/** @param {string} text @param {string} delimiter */
function count(text, delimiter) {
  try {
    return [...rowsOf(text, delimiter)].length;
  } catch {
    // It is no table.
    return 0;
  }
}

for (const [name, read] of Object.entries(READERS)) {
  for (const [place, text] of TEXTS.entries()) {
    parentPort?.postMessage(`${name} reads text ${place}: ${JSON.stringify(text.slice(0, 30))}…`);
    try {
      read(text);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
  }
}
parentPort?.postMessage('all is read');
