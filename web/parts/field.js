import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';

/** @import { Value } from '../lib/dom.js' */

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {string} name
 * @property {(message: string) => void} fail says what is wrong; nothing if it is empty
 */

/**
 * A labelled input with a hint, and room for what is wrong with it.
 *
 * @param {string} label
 * @param {Record<string, Value> & {name: string}} props
 * @param {string} [hint]
 * @returns {Field}
 */
export function field(label, props, hint) {
  const id = uniqueId(props.name);
  const [hintId, faultId] = [`${id}-hint`, `${id}-fault`];
  const input = h('input', { id, class: 'input', ...props });
  const fault = h('p', { id: faultId, class: 'fault', hidden: true });
  const describe = (/** @type {boolean} */ failed) =>
    setAttribute(input, 'aria-describedby', [failed && faultId, hint && hintId].filter(Boolean).join(' ') || null);
  describe(false);
  /** @param {string} message */
  const fail = (message) => {
    fault.hidden = !message;
    setText(fault, message);
    setAttribute(input, 'aria-invalid', message ? 'true' : null);
    describe(Boolean(message));
  };
  input.addEventListener('input', () => fail(''));
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    input,
    hint && h('p', { id: hintId, class: 'hint' }, hint),
    fault,
  );
  return { element, input, name: props.name, fail };
}
