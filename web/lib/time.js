import { locale, words } from './words.js';

const { hourCycle } = Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();

/** Dates are in the language of the page, and the clock is the one that the browser's user has. @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat(locale, options);

const TIME = format({ timeStyle: 'short', hourCycle });
const DAY = format({ weekday: 'long', day: 'numeric', month: 'long' });
const DAY_OF_YEAR = format({ day: 'numeric', month: 'long', year: 'numeric' });
const SHORT_DAY = format({ day: 'numeric', month: 'short' });
const WEEKDAY = format({ weekday: 'short' });
const FULL = format({ dateStyle: 'medium', timeStyle: 'short', hourCycle });
const EXACT = format({ timeStyle: 'medium', hourCycle });

/** @param {Date} date */
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** @param {Date} date @returns {number} 0 today, 1 yesterday, -1 tomorrow */
const daysAgo = (date) => Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);

/** @param {string} at @returns {string} the day alone, as a heading */
export function day(at) {
  const date = new Date(at);
  const ago = daysAgo(date);
  if (ago === 0) return words.time.today;
  if (ago === 1) return words.time.yesterday;
  return (ago > 0 && ago < 180 ? DAY : DAY_OF_YEAR).format(date);
}

/** @param {string} at @returns {string} as short as it is still clear */
export function brief(at) {
  const date = new Date(at);
  const ago = daysAgo(date);
  if (ago === 0) return TIME.format(date);
  if (ago > 0 && ago < 7) return WEEKDAY.format(date);
  return SHORT_DAY.format(date);
}

/** @param {string} at */
export const time = (at) => TIME.format(new Date(at));

/** @param {string} at to the second */
export const exact = (at) => EXACT.format(new Date(at));

/** @param {string} at */
export const full = (at) => FULL.format(new Date(at));

/** @param {string} at @returns {string} a moment to come */
export function soon(at) {
  const ago = daysAgo(new Date(at));
  if (ago === 0) return words.time.todayAt(time(at));
  if (ago === -1) return words.time.tomorrowAt(time(at));
  return full(at);
}

/** @param {string} at @returns {string} as short as it is still clear, behind "by" and "until" */
export const moment = (at) => (daysAgo(new Date(at)) === 0 ? words.time.clock(time(at)) : soon(at));

/** @param {number} at milliseconds since 1970 @returns {string} a moment that has passed, as short as it is still clear */
export function past(at) {
  const date = new Date(at);
  return (daysAgo(date) === 0 ? TIME : FULL).format(date);
}

/** Where this browser is. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
