import { h } from './dom.js';

/** @import { Child } from './dom.js' */

/** So much of a text is shown before what is found in it. */
const BEFORE = 24;

/**
 * A text with what is found in it marked, from shortly before the first of it on.
 *
 * @param {string} text
 * @param {string} found ignoring case; nothing if it is empty
 * @returns {Child[]}
 */
export function marked(text, found) {
  const characters = [...text];
  const places = placesOf(characters.map(fold), [...found].map(fold));
  const [first] = places;
  if (first === undefined) return [text];
  const length = [...found].length;
  const begin = first > BEFORE * 2 ? first - BEFORE : 0;
  /** @type {Child[]} */
  const parts = begin > 0 ? ['…'] : [];
  let shown = begin;
  for (const place of places) {
    const end = place + length;
    parts.push(characters.slice(shown, place).join(''), h('mark', {}, characters.slice(place, end).join('')));
    shown = end;
  }
  return [...parts, characters.slice(shown).join('')];
}

/**
 * Where something stands in a text, without overlaps.
 *
 * @param {string[]} text
 * @param {string[]} found
 */
export function placesOf(text, found) {
  /** @type {number[]} */
  const places = [];
  if (found.length === 0) return places;
  const again = beginnings(found);
  let matched = 0;
  for (const [place, character] of text.entries()) {
    while (matched > 0 && found[matched] !== character) matched = again[matched - 1] ?? 0;
    if (found[matched] === character) matched += 1;
    if (matched < found.length) continue;
    places.push(place + 1 - matched);
    matched = 0;
  }
  return places;
}

/** How many characters at each place end a repetition of the beginning, so that no text is looked at twice (Knuth, Morris and Pratt). @param {string[]} found */
function beginnings(found) {
  const again = [0];
  let matched = 0;
  for (let place = 1; place < found.length; place += 1) {
    while (matched > 0 && found[matched] !== found[place]) matched = again[matched - 1] ?? 0;
    if (found[matched] === found[place]) matched += 1;
    again.push(matched);
  }
  return again;
}

/** One spelling for both cases, as the server compares; one that has several characters is left. @param {string} character */
export function fold(character) {
  const upper = only(character.toUpperCase(), character);
  return only(upper.toLowerCase(), upper);
}

/** @param {string} folded @param {string} character */
const only = (folded, character) => ([...folded].length === 1 ? folded : character);
