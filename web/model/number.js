/** Country codes of one and of two digits; all others have three. */
const SHORT = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** What people and programs write between digits, and what is copied along without being seen. */
const BETWEEN =
  /[ \t.\-()/\u00a0\u00ad\u2000-\u200f\u2010-\u2015\u202a-\u202f\u205f\u2060\u2066-\u2069\u2212\u3000\ufe0f\ufeff\uff08\uff09\uff0d\uff0e]/g;

/** Digits of other scripts. */
const DIGITS = /[\uff10-\uff19\u0660-\u0669\u06f0-\u06f9]/g;

/**
 * Reads a number as people write it, by the rules of the API.
 *
 * @param {string} text
 * @returns {string | null} in E.164 form, if it is one
 */
export function parseNumber(text) {
  const written = trunkless(text.trim().replace(/^tel:/, ''));
  const plain = written
    ?.replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace('\uff0b', '+')
    .replace(BETWEEN, '')
    .replace(/^00/, '+');
  if (!plain || !/^\+[1-9]\d{6,14}$/.test(plain)) return null;
  // A subscriber in Mexico or Argentina has one number, with or without the digit before mobile numbers.
  return plain.replace(/^(\+52)1(?=\d{10}$)|^(\+54)9(?=\d{10}$)/, '$1$2');
}

/**
 * Reads a part of a number, by the rules of the API.
 *
 * @param {string} text
 * @returns {string | null} its digits, if it can be one
 */
export function parsePart(text) {
  const whole = parseNumber(text);
  if (whole) return whole.slice(1);
  const written = text.trim().replaceAll('(0)', '').replace(/^[+\uff0b]/, '');
  const digits = written.replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf)).replace(BETWEEN, '').replace(/^0+/, '');
  return /^\d{3,15}$/.test(digits) ? digits : null;
}

/**
 * Without the prefix of calls within a country, which stands behind its code. In Italy the zero is a
 * part of the number.
 *
 * @param {string} text
 * @returns {string | null}
 */
function trunkless(text) {
  const [before = '', after, more] = text.split('(0)');
  if (after === undefined) return text;
  if (more !== undefined || !/\d/.test(before)) return null;
  const italian = before.replace(/\D/g, '').replace(/^00/, '').startsWith('39');
  return `${before}${italian ? '0' : ''}${after}`;
}

/**
 * Whether a text can be sent to whom messages are exchanged with: not to a short code, a name or somebody in
 * another channel.
 *
 * @param {string} address
 */
export const isAnswerable = (address) => parseNumber(address) !== null;

/**
 * The phone number that somebody in another channel has, if it tells.
 *
 * @param {string} address
 */
export const numberBehind = (address) => parseNumber(/^[a-z]+:(\+.*)$/.exec(address)?.[1] ?? '');

/** @param {string} number in E.164 form, in groups that can be read; anything else as it is @returns {string} */
export function formatNumber(number) {
  if (!isAnswerable(number)) return number;
  const digits = number.replace(/^\+/, '');
  const country = SHORT.exec(digits)?.[0] ?? digits.slice(0, 3);
  const rest = digits.slice(country.length);
  const groups = country === '1' && rest.length === 10 ? [3, 3, 4] : even(rest.length);
  let at = 0;
  const parts = groups.map((size) => rest.slice(at, (at += size)));
  // They are one word: no line breaks in them.
  return [`+${country}`, ...parts].join('\u00a0');
}

/** @param {number} length @returns {number[]} threes, of which the last are fours if need be */
function even(length) {
  const fours = length % 3;
  const threes = Math.floor(length / 3) - fours;
  if (threes < 0) return [length];
  return [...Array(threes).fill(3), ...Array(fours).fill(4)];
}
