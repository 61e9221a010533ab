import { locale } from '../lib/words.js';

/** @param {number | null} bytes @returns {string} empty if it is not known */
export function sizeOf(bytes) {
  if (bytes === null) return '';
  const [amount, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  const digits = { minimumFractionDigits: amount < 10 ? 1 : 0, maximumFractionDigits: amount < 10 ? 1 : 0 };
  return `${new Intl.NumberFormat(locale, digits).format(Math.max(amount, 0.1))} ${unit}`;
}
