import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';

/** So many colours there are. */
const TONES = 8;

/** Who it is, in two letters; without a name it is a picture of somebody. @param {string | null} name @param {string} number from which the colour follows, so that it stays @returns {HTMLElement} hidden from screen readers: the name is beside it */
export const avatar = (name, number) =>
  h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-tone': toneOf(number) }, name ? initials(name) : icon('account'));

/** @param {string} name */
function initials(name) {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => /[\p{L}\p{N}]/u.exec(word ?? '')?.[0] ?? '');
  return letters.join('').toLocaleUpperCase() || [...name][0] || '';
}

/** @param {string} text */
function toneOf(text) {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % TONES;
}
