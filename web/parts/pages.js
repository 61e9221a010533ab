import { announce } from '../lib/announce.js';
import { h, setText } from '../lib/dom.js';
import { KeyedList } from '../lib/list.js';
import { words } from '../lib/words.js';

/** @import { Row } from '../lib/list.js' */

/** As many are shown at a time, however many there are. */
const AT_ONCE = 50;

/**
 * A list that may be long, of which a page is shown.
 *
 * @template T
 * @param {string} label
 * @param {(item: T) => string} key
 * @param {(item: T) => Row<T>} make
 */
export function pages(label, key, make) {
  /** @type {readonly T[]} */
  let all = [];
  let from = 0;
  const rows = h('ul', { class: 'entries', 'aria-label': label });
  const list = new KeyedList(rows, key, make);
  const where = h('span', { class: 'soft small' });
  const turn = (/** @type {number} */ by) => () => {
    from += by;
    render();
    announce(where.textContent ?? '');
    // What cannot be pressed any more loses the focus.
    if (back.hidden && document.activeElement === document.body) next.focus();
    if (next.hidden && document.activeElement === document.body) back.focus();
  };
  const back = h('button', { type: 'button', class: 'button', onclick: turn(-AT_ONCE) }, words.pages.back);
  const next = h('button', { type: 'button', class: 'button', onclick: turn(AT_ONCE) }, words.pages.next);
  const turning = h('div', { class: 'actions turning' }, back, next, where);
  const element = h('div', { hidden: true }, rows, turning);
  const render = () => {
    from = Math.min(from, Math.max(0, Math.ceil(all.length / AT_ONCE) - 1) * AT_ONCE);
    const to = Math.min(all.length, from + AT_ONCE);
    list.show(all.slice(from, to));
    element.hidden = all.length === 0;
    turning.hidden = all.length <= AT_ONCE;
    back.hidden = from === 0;
    next.hidden = to === all.length;
    setText(where, words.pages.place(from + 1, to, all.length));
  };
  return {
    element,
    /** @param {readonly T[]} items in their order */
    show: (items) => {
      all = items;
      render();
    },
  };
}
