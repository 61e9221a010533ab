import { el, say } from './dom.js';
import { parseNumber, shortTime, showNumber } from './format.js';

/** @import {Phone} from './types.d.ts' */

/** @param {string} number */
export const linkTo = (number) => `#/${encodeURIComponent(number)}`;

/**
 * The phones that got or sent something, and a way to any other.
 * @param {HTMLElement} nav
 */
export function phoneList(nav) {
  const list = el('ul', { class: 'phones' });
  const empty = el('p', { class: 'empty soft' },
    'No phone has got or sent a text yet. Send one, or open any number.');
  nav.append(opener(), empty, list);
  /** @type {Map<string, ReturnType<typeof entry>>} */
  const entries = new Map();

  return {
    /**
     * @param {Phone[]} phones the latest first
     * @param {string | null} current
     * @param {Phone['last']} last the last text on it, which the list may be too short for
     */
    update(phones, current, last) {
      const known = phones.some((phone) => phone.number === current);
      const shown = current === null || known ? phones : [{ number: current, last }, ...phones];
      empty.hidden = shown.length > 0;
      const focused = document.activeElement;
      shown.forEach((phone, place) => {
        const old = entries.get(phone.number);
        const one = old ?? entry(phone.number);
        entries.set(phone.number, one);
        one.update(phone, phone.number === current);
        if (list.children[place] !== one.element) list.insertBefore(one.element, list.children[place] ?? null);
      });
      for (const [number, one] of entries) {
        if (shown.some((phone) => phone.number === number)) continue;
        one.element.remove();
        entries.delete(number);
      }
      // What is moved loses the focus.
      if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus();
    },
  };
}

/** @param {string} number */
function entry(number) {
  const time = el('time', { class: 'soft' });
  const last = el('span', { class: 'last soft', dir: 'auto' });
  const name = el('span', { class: 'number' }, showNumber(number));
  const link = el('a', { href: linkTo(number) }, name, time, last);
  return {
    element: el('li', {}, link),
    /**
     * @param {Phone} phone
     * @param {boolean} current
     */
    update({ last: text }, current) {
      if (current) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      say(time, text ? shortTime(text.at) : '');
      if (text) time.dateTime = text.at;
      say(last, text ? `${text.own ? 'Sent: ' : ''}${text.body || (text.media ? 'a picture or a file' : '')}` : 'Nothing has arrived here yet');
    },
  };
}

/** A field for a number that is not in the list. */
function opener() {
  const input = el('input', {
    id: 'number', type: 'tel', autocomplete: 'off', placeholder: '+1 415 555 0123',
    'aria-describedby': 'number-problem',
  });
  const problem = el('p', { id: 'number-problem', class: 'problem', role: 'alert' });
  const form = el('form', { class: 'opener', novalidate: '' },
    el('label', { for: 'number' }, 'Open a number'), input, el('button', {}, 'Open'), problem);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const number = parseNumber(input.value);
    input.setAttribute('aria-invalid', String(number === null));
    say(problem, number === null ? 'Write it with + and the country, such as +1 415 555 0123.' : '');
    if (number === null) {
      input.focus();
      return;
    }
    input.value = '';
    location.hash = linkTo(number);
  });
  return form;
}
