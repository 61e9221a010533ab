import { moment, soon } from '../lib/time.js';
import { words } from '../lib/words.js';

/** @import { Pause } from '../api/types.js' */

/** As soon as this is at once, in milliseconds. */
const AT_ONCE = 20_000;
const MINUTE = 60_000;
/** What is further away than this is told by the clock. */
const COUNTED = 90 * MINUTE;

/**
 * What the server says about when a text leaves; all of it is nothing once it has left, and lists do not tell the
 * last two.
 *
 * @typedef {object} Timed
 * @property {string | null} send_at
 * @property {string | null} starts_at
 * @property {string | null} expected_at
 * @property {string | null} expected_by
 * @property {number} [attempts]
 * @property {string | null} [given_up_at]
 * @property {Pause | null} [paused]
 */

/**
 * When a text that waits is likely to leave, if that is worth a word.
 *
 * @param {Timed} text
 * @param {number} now in milliseconds since 1970
 * @returns {string} a part of a sentence; empty if it leaves at once, or when it was meant to
 */
export function expectation({ send_at, starts_at, expected_at, expected_by, given_up_at, paused, attempts = 0 }, now) {
  const meant = Math.max(now, since1970(send_at));
  const opens = since1970(starts_at);
  let goesOn = meant;
  let waits = '';
  // One that was tried waits to be tried again.
  if (starts_at && opens > meant && attempts === 0) {
    goesOn = opens;
    waits = words.expectation.quiet(moment(starts_at));
  }
  const ends = paused ? since1970(paused.until) || now : 0;
  // A pause that is over by then delays nothing.
  if (paused && ends >= goesOn) {
    goesOn = ends;
    waits = words.expectation.paused[paused.by](paused.until && moment(paused.until));
  }
  let leaves = '';
  if (given_up_at) {
    leaves = words.expectation.givenUp(soon(given_up_at));
    if (since1970(given_up_at) <= goesOn) waits = '';
    // When the operator ends a pause nobody knows, whatever was known before.
  } else if (expected_at && paused?.until !== null && since1970(expected_at) - goesOn > AT_ONCE) {
    leaves = words.expectation.leaves(roughly(expected_at, now), atTheLatest(expected_at, expected_by));
  }
  return waits && leaves ? words.expectation.then(waits, leaves) : waits || leaves;
}

/** @param {string | null} at */
const since1970 = (at) => (at ? Date.parse(at) : 0);

/** @param {string} at @param {number} now */
function roughly(at, now) {
  const ahead = Date.parse(at) - now;
  const minutes = Math.round(ahead / MINUTE);
  if (minutes < 1) return words.expectation.soon;
  return ahead < COUNTED ? words.expectation.minutes(minutes) : words.expectation.probably(soon(at));
}

/** Nothing, if it is the same minute. @param {string} at @param {string | null} by */
const atTheLatest = (at, by) => (by && moment(by) !== moment(at) ? moment(by) : '');
