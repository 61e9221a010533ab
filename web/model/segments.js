/** The GSM-7 basic alphabet (3GPP TS 23.038), as far as it is not ASCII letters or digits. */
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà';

/** Its extension table: each takes two septets. */
const EXTENSION = '\f^{}\\[~]|€';

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

/**
 * The text as the server sends it with smart encoding: what is only typeset is replaced if the whole text
 * then is in GSM-7.
 *
 * @param {string} text
 * @param {ReadonlyMap<string, string>} replacements that the server has told
 */
export function smart(text, replacements) {
  const plain = [...text].map((character) => replacements.get(character) ?? character).join('');
  return cost(plain).foreign.length === 0 ? plain : text;
}

/** @param {string} character */
const isGsm7 = (character) =>
  /^[A-Za-z0-9]$/.test(character) || BASIC.includes(character) || EXTENSION.includes(character);
