/**
 * Tables as spreadsheets and programs write them (RFC 4180, and what is usual beside it), row by row, so that a long
 * one neither fills the memory nor keeps the page from moving. The libraries for this make code of strings, which
 * the page's policy forbids, or read a table as a whole, or are no modules.
 *
 * @typedef {{row: number, fields: string[]}} Row its number is that of a spreadsheet, from 1
 */

/** What may stand between fields. */
export const DELIMITERS = [',', ';', '\t', '|'];

/** So many rows are looked at to find out how a table is written. */
const LOOKED_AT = 20;

/** A table that cannot be read. */
export class TableFault extends Error {}

/**
 * The text of a file: by its mark, by its zeros, as UTF-8, or else as what Windows writes in the west.
 *
 * @param {ArrayBuffer} content
 * @returns {{text: string, encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252'}}
 */
export function decode(content) {
  const bytes = new Uint8Array(content);
  const wide = wideEncoding(bytes);
  if (wide) return { text: new TextDecoder(wide).decode(bytes), encoding: 'UTF-16' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'Windows-1252' };
  }
}

/** @param {Uint8Array} bytes @returns {'utf-16le' | 'utf-16be' | null} */
function wideEncoding(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // Digits and delimiters have a zero beside them; nothing else has one.
  const zeros = [0, 0];
  const looked = bytes.subarray(0, 1000);
  for (const [place, byte] of looked.entries()) if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > looked.length / 8 && odd > even) return 'utf-16le';
  return even > looked.length / 8 ? 'utf-16be' : null;
}

/** @param {string} text @returns {string} what stands between its fields: most often, and equally often in each row */
export function delimiterOf(text) {
  const counts = DELIMITERS.map((delimiter) => {
    const sizes = firstRows(text, delimiter).map(({ fields }) => fields.length - 1);
    const usual = sizes[0] ?? 0;
    return sizes.filter((size) => size === usual).length * Math.min(usual, 20);
  });
  const best = counts.indexOf(Math.max(...counts));
  return (counts[best] ?? 0) > 0 ? /** @type {string} */ (DELIMITERS[best]) : ',';
}

/** @param {string} text @param {string} delimiter @returns {Row[]} */
export function firstRows(text, delimiter, most = LOOKED_AT) {
  /** @type {Row[]} */
  const rows = [];
  try {
    for (const row of rowsOf(text, delimiter)) if (rows.push(row) >= most) break;
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
  }
  return rows;
}

/**
 * The rows of a table, but for empty ones.
 *
 * @param {string} text
 * @param {string} delimiter
 * @returns {Generator<Row, void, void>}
 */
export function* rowsOf(text, delimiter) {
  let [at, row] = [text.charCodeAt(0) === 0xfeff ? 1 : 0, 1];
  // Excel writes there what stands between fields.
  const told = /^sep=.\r?\n/i.exec(text.slice(at, at + 8));
  if (told) [at, row] = [at + told[0].length, 2];
  const plain = new RegExp(`[${delimiter === '\t' ? '\\t' : `\\${delimiter}`}\r\n]`, 'g');
  for (; at < text.length; row += 1) {
    /** @type {string[]} */
    const fields = [];
    for (let isOver = false; !isOver; ) {
      const { field, end } = text[at] === '"' ? quoted(text, at, plain, row) : unquoted(text, at, plain);
      fields.push(field);
      isOver = text[end] !== delimiter;
      at = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    }
    if (fields.some((field) => field.trim() !== '')) yield { row, fields };
  }
}

/** @param {string} text @param {number} from @param {RegExp} plain what ends a field */
function unquoted(text, from, plain) {
  plain.lastIndex = from;
  const end = plain.exec(text)?.index ?? text.length;
  return { field: text.slice(from, end), end };
}

/** @param {string} text @param {number} from @param {RegExp} plain @param {number} row */
function quoted(text, from, plain, row) {
  let field = '';
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    // All that follows would be taken for one field.
    if (quote < 0) throw new TableFault(String(row));
    field += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    const rest = unquoted(text, quote + 1, plain);
    return { field: field + rest.field, end: rest.end };
  }
}

/** Where spreadsheets would begin a formula: also behind what divides columns in some countries, whatever stands in quotation marks. */
const FORMULA = /(?<=^|[;\t])(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/g;

const NUMBER = /^[+-]?\d+$/;

/** @param {(string | number | null)[]} fields @returns {string} a line of a table, which spreadsheets show as it is */
export function lineOf(fields) {
  const written = fields.map((field) => {
    const text = String(field ?? '');
    const safe = NUMBER.test(text) ? text : text.replace(FORMULA, "'");
    return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${written.join(',')}\r\n`;
}
