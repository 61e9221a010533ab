import { columnNames } from './merge.js';
import { decode, delimiterOf, firstRows, rowsOf } from './csv.js';
import { parseNumber } from './number.js';

/** @import { Row } from './csv.js' */

/** A larger file is not read, in bytes. */
export const LARGEST = 50_000_000;

/** What people call the column with the numbers. */
const NUMBER = /phone|mobile|\bcell|number|recipient|\bto\b|\btel|nummer|telefon|handy|n[uú]mero|m[oó]vil|tel[eé]fono/i;

/** A table of people, as it was found in a file, and as its user says that it is. */
export class Table {
  /** @param {string} name @param {ArrayBuffer} content */
  constructor(name, content) {
    const { text, encoding } = decode(content);
    this.name = name;
    this.text = text;
    this.encoding = encoding;
    this.delimiter = '';
    this.hasHeader = true;
    /** @type {string[]} */
    this.columns = [];
    /** The place of the column with the numbers. */
    this.numbers = 0;
    this.divideBy(delimiterOf(text));
  }

  /** @param {string} delimiter */
  divideBy(delimiter) {
    this.delimiter = delimiter;
    const rows = firstRows(this.text, delimiter);
    this.setHeader(rows.length > 0 && !(rows[0]?.fields ?? []).some((field) => parseNumber(field)));
  }

  /** @param {boolean} hasHeader whether the first row has the names of the columns */
  setHeader(hasHeader) {
    this.hasHeader = hasHeader;
    const rows = firstRows(this.text, this.delimiter);
    const width = Math.max(0, ...rows.map(({ fields }) => fields.length));
    const first = hasHeader ? (rows[0]?.fields ?? []) : [];
    this.columns = columnNames(Array.from({ length: width }, (_, place) => first[place] ?? ''));
    this.numbers = this.#likeliest(rows.slice(hasHeader ? 1 : 0));
  }

  /** @returns {Generator<Row, void, void>} those with people */
  *people() {
    let isFirst = this.hasHeader;
    for (const row of rowsOf(this.text, this.delimiter)) {
      if (!isFirst) yield row;
      isFirst = false;
    }
  }

  /** @param {number} most @returns {Row[]} */
  first(most) {
    return firstRows(this.text, this.delimiter, most + Number(this.hasHeader)).slice(this.hasHeader ? 1 : 0);
  }

  /** The column that has the most numbers, and of equals the one that is called so. @param {Row[]} rows */
  #likeliest(rows) {
    const marks = this.columns.map((name, place) => {
      const count = rows.filter(({ fields }) => parseNumber(fields[place] ?? '')).length;
      return 2 * count + Number(NUMBER.test(name));
    });
    return Math.max(0, marks.indexOf(Math.max(...marks)));
  }
}
