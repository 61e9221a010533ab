import { h } from '../lib/dom.js';
import { conversationPlace } from '../lib/router.js';
import { parseNumber } from '../model/number.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * What may be a link, in plain ASCII: so that what is seen is where it leads. Whether it is one is decided by
 * what reads it.
 */
const CANDIDATES =
  /(?<![\w@.+/:&=#%-])(?:(?<url>https:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]+)|(?<mail>[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24})|(?<number>\+[1-9](?:[ \u00a0./()-]{0,2}\d){6,16}))(?![\w@])/g;

/** What ends a sentence, and not an address. */
const TAIL = /[.,;:!?'*]$/;

/** A number of so many digits is whole, and what follows behind a space is something else. */
const WHOLE = /^\+\d{9,15}(?=[ \u00a0])/;

/**
 * A text in which https addresses, e-mail addresses and phone numbers with their country are links.
 *
 * @param {string} text
 * @returns {Child[]}
 */
export function linked(text) {
  /** @type {Child[]} */
  const parts = [];
  let at = 0;
  for (const { 0: found, index, groups = {} } of text.matchAll(CANDIDATES)) {
    const { url, mail } = groups;
    const link = url ? toPage(url) : mail ? toMail(mail) : toNumber(found);
    if (!link) continue;
    parts.push(text.slice(at, index), link);
    at = index + (link.textContent ?? '').length;
  }
  parts.push(text.slice(at));
  return parts.filter((part) => part !== '');
}

/** @param {string} written */
function toPage(written) {
  let text = written;
  for (let last = ''; last !== text; ) {
    last = text;
    if (TAIL.test(text) || isUnpaired(text, '(', ')') || isUnpaired(text, '[', ']')) text = text.slice(0, -1);
  }
  const url = parse(text);
  // What stands before an @ looks like the place that it leads to, and is not.
  if (!url || url.protocol !== 'https:' || url.username || url.password || !url.hostname.includes('.')) return null;
  return h('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, text);
}

/** @param {string} text @param {string} open @param {string} close */
const isUnpaired = (text, open, close) => text.endsWith(close) && text.split(close).length > text.split(open).length;

/** @param {string} text */
function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** @param {string} address */
function toMail(address) {
  const [name = '', host = ''] = address.split('@');
  if (/^\.|\.\.|\.$/.test(name) || /^[.-]|[.-]{2}/.test(host)) return null;
  return h('a', { href: `mailto:${encodeURIComponent(name)}@${host}` }, address);
}

/** Opens the conversation with it. @param {string} written */
function toNumber(written) {
  const text = WHOLE.exec(written)?.[0] ?? written;
  const number = parseNumber(text);
  return number && h('a', { href: conversationPlace(number) }, text);
}
