/** So many are shown of what ends a list, and at most of any part of it. */
const SHORT = 60;
const LONGEST = 200;

/** So many come in at one side at a time. */
const STEP = 50;

/**
 * Which part of a long list is shown. It is found by where things stand, so that what comes or goes elsewhere changes
 * nothing.
 *
 * @template T
 */
export class Excerpt {
  /** The first one; null if it is so many that end the list. @type {string | null} */
  #first = null;
  /** The last one; null if it is the last of the list, whichever that is. @type {string | null} */
  #last = null;

  /** @param {(item: T) => string} place where it stands: the list is in the order of that */
  constructor(place) {
    this.place = place;
  }

  /** @param {readonly T[]} list @returns {{from: number, to: number}} */
  range(list) {
    const to = this.#last === null ? list.length : this.#before(list, this.#last, true);
    const from = this.#first === null ? Math.max(0, to - SHORT) : Math.min(this.#before(list, this.#first, false), to);
    return { from: Math.max(from, to - LONGEST), to };
  }

  /** The end of the list from now on, whatever comes. */
  follow() {
    this.#first = null;
    this.#last = null;
  }

  /** What is shown now, whatever comes. @param {readonly T[]} list */
  stay(list) {
    const { from, to } = this.range(list);
    this.#set(list, from, to);
  }

  /** More at the beginning, and not too much at the end. @param {readonly T[]} list @returns {boolean} false if there is no more */
  up(list) {
    const { from, to } = this.range(list);
    const first = Math.max(0, from - STEP);
    this.#set(list, first, Math.min(to, first + LONGEST));
    return first < from;
  }

  /** More at the end, and not too much at the beginning. @param {readonly T[]} list @returns {boolean} false if there is no more */
  down(list) {
    const { from, to } = this.range(list);
    const last = Math.min(list.length, to + STEP);
    this.#set(list, Math.max(from, last - LONGEST), last);
    return last > to;
  }

  /** So much around one of them. @param {readonly T[]} list @param {number} place */
  around(list, place) {
    const from = Math.max(0, place - STEP);
    this.#set(list, from, Math.min(list.length, from + LONGEST));
  }

  /** @param {readonly T[]} list @param {number} from @param {number} to */
  #set(list, from, to) {
    const [first, last] = [list[from], list[to - 1]];
    this.#first = first === undefined ? null : this.place(first);
    this.#last = last === undefined ? null : this.place(last);
  }

  /**
   * How many come before a place, or at it as well.
   *
   * @param {readonly T[]} list
   * @param {string} place
   * @param {boolean} included
   */
  #before(list, place, included) {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const here = this.place(/** @type {T} */ (list[middle]));
      if (here < place || (included && here === place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
