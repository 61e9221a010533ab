import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * A view with a heading above what can be scrolled.
 *
 * @param {string} title
 * @param {string} region what is in it
 * @param {Child[]} tools beside the heading
 * @param {...Child} content
 */
export function page(title, region, tools, ...content) {
  const heading = h('h2', { tabindex: '-1' }, title);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const element = h(
    'section',
    { class: 'view', 'aria-label': title },
    h('div', { class: 'bar' }, back, heading, ...tools),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': region }, ...content),
  );
  return { element, title, focus: () => heading.focus() };
}
