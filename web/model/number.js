/** Country codes of one and of two digits; all others have three. */
const SHORT = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/**
 * Reads a number as people write it.
 *
 * @param {string} text
 * @returns {string | null} in E.164 form, if it is one
 */
export function parseNumber(text) {
  const number = text.replace(/[\s.\-()\u00a0]/g, '');
  return /^\+[1-9]\d{7,14}$/.test(number) ? number : null;
}

/** @param {string} number in E.164 form @returns {string} in groups that can be read */
export function formatNumber(number) {
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
