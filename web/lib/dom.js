/**
 * @typedef {string | English} Said
 * @typedef {Node | Said | number | null | undefined | false} Child
 * @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Value
 */

/** Words that are in English, whatever the language of the page is. */
export class English {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/**
 * Makes an element. Strings become text and nothing else, so no message can turn into markup.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Value>} [props] attributes, and listeners by names such as `onclick`
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), name === 'onclick' ? once(value) : value);
    else setAttribute(element, name, value);
  }
  fill(element, ...children);
  return element;
}

/** Leaves a press alone while what an earlier one began goes on: a question is not asked twice. @param {(event: any) => unknown} act */
function once(act) {
  let isBusy = false;
  return (/** @type {Event} */ event) => {
    if (isBusy) return;
    const done = act(event);
    isBusy = done instanceof Promise;
    if (done instanceof Promise) done.finally(() => (isBusy = false));
  };
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value `true` is an empty attribute, `false` none
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * Puts the children in the place of those that were there.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  const shown = children.filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...shown.map(asNode));
}

/** @param {Exclude<Child, null | undefined | false>} child */
function asNode(child) {
  if (child instanceof Node) return child;
  return child instanceof English ? h('span', { lang: 'en' }, child.text) : String(child);
}

/**
 * A sentence in which something stands in the places of `{name}`.
 *
 * @param {string} template
 * @param {Record<string, Child | Child[]>} parts
 * @returns {Child[]}
 */
export const phrase = (template, parts) =>
  template.split(/\{(\w+)\}/).flatMap((text, place) => (place % 2 === 0 ? text : (parts[text] ?? '')));

/**
 * Sets a text only if it is another one, so that nothing is announced anew.
 *
 * @param {Element} element
 * @param {Said} text
 */
export function setText(element, text) {
  if (element.textContent !== String(text)) fill(element, text);
}

let ids = 0;

/** @param {string} name @returns {string} an id that no other element has */
export function uniqueId(name) {
  ids += 1;
  return `${name}-${ids}`;
}
