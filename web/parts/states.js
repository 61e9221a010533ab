import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';

/** @import { Child, Said } from '../lib/dom.js' */
/** @import { IconName } from '../lib/icons.js' */

/**
 * Nothing is there, and what can be done about it.
 *
 * @param {IconName} picture
 * @param {string} title
 * @param {Said} text
 * @param {...Child} actions
 */
export const empty = (picture, title, text, ...actions) =>
  h(
    'div',
    { class: 'state' },
    icon(picture),
    h('p', { class: 'state-title' }, title),
    h('p', {}, text),
    ...actions,
  );

/**
 * @param {string} title
 * @param {Said} text
 * @param {() => void} again
 */
export const failed = (title, text, again) =>
  empty('away', title, text, h('button', { type: 'button', class: 'button', onclick: again }, words.common.tryAgain));

/** @param {number} lines @param {string} kind of what is coming: `rows` or `bubbles` */
export const loading = (lines, kind) =>
  h(
    'div',
    { class: `skeleton ${kind}` },
    h('p', { class: 'unseen' }, words.common.loading),
    ...Array.from({ length: lines }, () => h('div', { class: 'bone' })),
  );
