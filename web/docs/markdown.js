import { h } from '../lib/dom.js';

/** @import { Child } from '../lib/dom.js' */

/**
 * The part of Markdown that our descriptions use: paragraphs, lists, tables, `code`, **strong** and links.
 * Nothing in it can become markup of another kind.
 *
 * @param {string | undefined} text
 * @returns {HTMLElement[]}
 */
export function markdown(text) {
  return (text ?? '').trim().split(/\n{2,}/).filter(Boolean).map(block);
}

/** @param {string} text @returns {HTMLElement} */
function block(text) {
  const lines = text.split('\n');
  if (lines[0]?.startsWith('|')) return table(lines);
  if (lines[0]?.startsWith('- ')) return list(text);
  return h('p', {}, ...inline(lines.join(' ')));
}

/** @param {string} text */
function list(text) {
  const items = text.slice(2).split(/\n- /);
  return h('ul', { class: 'points' }, ...items.map((item) => h('li', {}, ...inline(item.replace(/\s+/g, ' ')))));
}

/** @param {string[]} lines */
function table([names = '', , ...rows]) {
  const cells = (/** @type {string} */ line) => line.split('|').slice(1, -1).map((cell) => cell.trim());
  const head = h('tr', {}, ...cells(names).map((name) => h('th', { scope: 'col' }, name)));
  const body = rows.map((row) => h('tr', {}, ...cells(row).map((cell) => h('td', {}, ...inline(cell)))));
  return h('table', {}, h('thead', {}, head), h('tbody', {}, ...body));
}

/** Text with what is in it. @param {string} text @returns {Child[]} */
export function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\)|<https:[^>]+>)/).map((part) => {
    if (part.startsWith('`')) return h('code', {}, part.slice(1, -1));
    if (part.startsWith('**')) return h('strong', {}, part.slice(2, -2));
    const [, label = '', target = ''] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? /^<((https:.+))>$/.exec(part) ?? [];
    return target.startsWith('https:') ? h('a', { href: target }, label) : part;
  });
}
