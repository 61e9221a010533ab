/** As many texts as one request hands over. */
const PART = 1000;

/**
 * @template T
 * @param {T[]} all
 * @returns {T[][]} in parts
 */
export const inParts = (all) => Array.from({ length: Math.ceil(all.length / PART) }, (_, place) => all.slice(place * PART, (place + 1) * PART));
