import { breathe } from '../lib/pause.js';
import { words } from '../lib/words.js';
import { filled } from './merge.js';
import { parseNumber } from './number.js';
import { faultOf } from './recipients.js';
import { LONGEST, cost } from './segments.js';

/** @import { Row } from './csv.js' */
/** @import { Table } from './table.js' */

/** As many texts as one campaign may have. */
export const MOST = 200_000;

/** A row that is sent. @typedef {{row: number, number: string, content: string}} Due */
/** A row that is not, and why. @typedef {{row: number, number: string, content: string, reason: string, code?: string}} Refused its reason is in the words of the server if there is a code */

/** All rows of a table as texts, each checked. */
export class Roll {
  /** @type {Due[]} */
  due = [];
  /** @type {Refused[]} */
  refused = [];
  segments = 0;
  /** How many take more than one segment, and how many need the dear alphabet. */
  long = 0;
  dear = 0;

  /** In which row a number was first. @type {Map<string, number>} */
  #seen = new Map();

  /** @param {Table} table @param {string} template */
  constructor(table, template) {
    this.table = table;
    this.template = template;
    this.places = new Map(table.columns.map((name, place) => [name, place]));
  }

  get size() {
    return this.due.length + this.refused.length;
  }

  /**
   * Goes through all rows, and lets the page do something else now and then.
   *
   * @param {() => void} progress
   * @param {AbortSignal} signal
   */
  async read(progress, signal) {
    let until = performance.now() + SLICE;
    for (const row of this.table.people()) {
      this.#take(row);
      if (this.size % ROWS > 0 && performance.now() < until) continue;
      progress();
      await breathe();
      if (signal.aborted) return;
      until = performance.now() + SLICE;
    }
  }

  /** @param {Row} row */
  #take({ row, fields }) {
    const written = (fields[this.table.numbers] ?? '').trim();
    const { content, missing } = filled(this.template, (name) => fields[this.places.get(name) ?? -1] ?? '');
    const number = parseNumber(written);
    const before = number ? this.#seen.get(number) : undefined;
    const reason = number ? this.#fault(content, missing, before) : faultOf(written);
    if (reason) {
      this.refused.push({ row, number: number ?? written, content, reason });
      return;
    }
    const { segments, encoding } = cost(content);
    this.#seen.set(number ?? '', row);
    this.segments += segments;
    this.long += Number(segments > 1);
    this.dear += Number(encoding === 'UCS-2');
    this.due.push({ row, number: number ?? '', content });
  }

  /** @param {string} content @param {string[]} missing @param {number | undefined} before */
  #fault(content, missing, before) {
    if (missing.length > 0) return words.table.missing(missing.join(', '));
    if (!content.trim()) return words.table.blank;
    if (content.length > LONGEST) return words.composer.tooLong(content.length - LONGEST);
    if (before !== undefined) return words.table.double(before);
    return this.due.length >= MOST ? words.table.many(MOST) : '';
  }
}

/** As long as the page may be kept from anything else, in milliseconds, and as many rows as are read meanwhile at most. */
const SLICE = 12;
const ROWS = 500;
