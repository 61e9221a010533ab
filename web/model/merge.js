import { isBlank } from '../lib/blank.js';
import { words } from '../lib/words.js';

/** What stands for a field in a text for many: `{{name}}`, with blanks around the name or without. */
const FIELD = /\{\{([^{}]*)\}\}/g;

/** @param {string} text @returns {string[]} the fields that it asks for, each once */
export const fieldsIn = (text) => [...new Set([...text.matchAll(FIELD)].map((match) => (match[1] ?? '').trim()))];

/** @param {string} name @returns {string} what stands for a field */
export const placeOf = (name) => `{{${name}}}`;

/**
 * The text for one of many.
 *
 * @param {string} text
 * @param {(name: string) => string} valueOf empty if there is none
 * @returns {{content: string, missing: string[]}} `missing` are the fields without a value: then it must not be sent
 */
export function filled(text, valueOf) {
  /** @type {Set<string>} */
  const missing = new Set();
  const content = text.replace(FIELD, (_, written) => {
    const name = written.trim();
    const value = valueOf(name).trim();
    if (isBlank(value)) missing.add(name);
    return value;
  });
  return { content, missing: [...missing] };
}

/** @param {string[]} names as the first row has them @returns {string[]} a name for each column, and each its own */
export function columnNames(names) {
  /** @type {Set<string>} */
  const taken = new Set();
  /** How often a name was given already. @type {Map<string, number>} */
  const counts = new Map();
  return names.map((given, place) => {
    const plain = given.replace(/[{}\s]+/g, ' ').trim() || words.table.column(place + 1);
    let name = plain;
    let count = counts.get(plain) ?? 1;
    for (; taken.has(name); name = `${plain} ${count}`) count += 1;
    counts.set(plain, count);
    taken.add(name);
    return name;
  });
}
