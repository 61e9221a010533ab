/** The GSM-7 basic alphabet (3GPP TS 23.038), as far as it is not ASCII letters or digits. */
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà';

/** Its extension table: each takes two septets. */
const EXTENSION = '\f^{}\\[~]|€';

/** What editors write by themselves, and what does as well. */
const PLAIN = new Map([
  ['‘', "'"], ['’', "'"], ['‚', "'"], ['“', '"'], ['”', '"'], ['„', '"'], ['«', '"'], ['»', '"'],
  ['–', '-'], ['—', '-'], ['‑', '-'], ['…', '...'], ['\u00a0', ' '], ['\u202f', ' '], ['\t', ' '], ['•', '-'],
  ['\u200b', ''], ['´', "'"], ['`', "'"],
]);

/** The longest text, in UTF-16 units. */
export const LONGEST = 1600;

/**
 * What a text takes to be sent. The server judges by the same rules.
 *
 * @typedef {object} Cost
 * @property {'GSM-7' | 'UCS-2'} encoding
 * @property {number} segments
 * @property {number} left units until one more segment is needed
 * @property {number} over UTF-16 units beyond the longest text
 * @property {string[]} foreign the characters that force UCS-2, each once
 */

/** @param {string} text @returns {Cost} */
export function cost(text) {
  const foreign = new Set();
  for (const character of text) if (!isGsm7(character)) foreign.add(character);
  const encoding = foreign.size === 0 ? 'GSM-7' : 'UCS-2';
  const [single, part] = encoding === 'GSM-7' ? [160, 153] : [70, 67];
  const width = (/** @type {string} */ character) =>
    encoding === 'UCS-2' ? character.length : 1 + Number(EXTENSION.includes(character));
  let units = 0;
  let segments = 1;
  let used = 0;
  for (const character of text) {
    units += width(character);
    // No character is split between two segments.
    if (used + width(character) > part) {
      segments += 1;
      used = 0;
    }
    used += width(character);
  }
  const fitsOne = units <= single;
  return {
    encoding,
    segments: fitsOne ? 1 : segments,
    left: fitsOne ? single - units : part - used,
    over: Math.max(0, text.length - LONGEST),
    foreign: [...foreign],
  };
}

/** @param {string} text @returns {string} with plain characters for those that have one */
export const plain = (text) => [...text].map((character) => PLAIN.get(character) ?? character).join('');

/** @param {string} character @returns {boolean} */
export const hasPlain = (character) => PLAIN.has(character);

/** @param {string} character */
const isGsm7 = (character) =>
  /^[A-Za-z0-9]$/.test(character) || BASIC.includes(character) || EXTENSION.includes(character);
