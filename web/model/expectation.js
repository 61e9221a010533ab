import { moment, soon } from '../lib/time.js';
import { words } from '../lib/words.js';

/** As soon as this is at once, in milliseconds. */
const AT_ONCE = 20_000;
const MINUTE = 60_000;
/** What is further away than this is told by the clock. */
const COUNTED = 90 * MINUTE;

/**
 * What the server says about when a text leaves; all of it is nothing once it has left.
 *
 * @typedef {object} Timed
 * @property {string | null} send_at
 * @property {string | null} starts_at
 * @property {string | null} expected_at
 * @property {string | null} expected_by
 * @property {string} expires_at
 * @property {number} [attempts]
 */

/**
 * When a text that waits is likely to leave, if that is worth a word.
 *
 * @param {Timed} text
 * @param {number} now in milliseconds since 1970
 * @returns {string} a part of a sentence; empty if it leaves at once, or when it was meant to
 */
export function expectation({ send_at, starts_at, expected_at, expected_by, expires_at, attempts = 0 }, now) {
  const meant = Math.max(now, since1970(send_at));
  const opens = since1970(starts_at);
  // One that was tried waits to be tried again.
  const quiet = starts_at && opens > meant && attempts === 0 ? words.expectation.quiet(moment(starts_at)) : '';
  if (!expected_at || since1970(expected_at) - Math.max(meant, quiet ? opens : 0) <= AT_ONCE) return quiet;
  const leaves =
    expected_at > expires_at
      ? words.expectation.givenUp(soon(expires_at))
      : words.expectation.leaves(roughly(expected_at, now), atTheLatest(expected_at, expected_by));
  return quiet ? words.expectation.then(quiet, leaves) : leaves;
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
