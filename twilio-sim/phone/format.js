const VALID = /^\+[1-9]\d{6,14}$/;

/**
 * A number in international form, or null.
 * @param {string} typed
 */
export function parseNumber(typed) {
  const number = typed.replace(/[\s().-]/g, '');
  return VALID.test(number) ? number : null;
}

/**
 * Easier to read: +14155550123 is +1 415 555 0123.
 * @param {string} number
 */
export function showNumber(number) {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return american ? `+1 ${american[1]} ${american[2]} ${american[3]}` : number;
}

/**
 * Whether a sender is a name, which cannot be written to.
 * @param {string} sender
 */
export const isName = (sender) => /[a-z]/i.test(sender);

/**
 * A sender as phones show it.
 * @param {string} sender a number, a short code or a name
 */
export const showSender = (sender) => (/^\d+$/.test(sender) ? `short code ${sender}` : showNumber(sender));

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {Date} date */
const isToday = (date) => date.toDateString() === new Date().toDateString();

/**
 * As short as it can be: the time today, the date before.
 * @param {string} at
 */
export function shortTime(at) {
  const date = new Date(at);
  return isToday(date) ? time.format(date) : day.format(date);
}

/** @param {string} at */
export function longTime(at) {
  const date = new Date(at);
  return isToday(date) ? time.format(date) : both.format(date);
}
