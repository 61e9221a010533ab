import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { faultOf } from '../model/wording.js';

/** @import { Said, Value } from '../lib/dom.js' */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * @template {Control} [C=Control]
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {C} input
 * @property {string} name
 * @property {(message: Said) => void} fail says what is wrong; nothing if it is empty
 */

/**
 * A labelled input with a hint, and room for what is wrong with it.
 *
 * @param {string} label
 * @param {Record<string, Value> & {name: string}} props
 * @param {string} [hint]
 * @returns {Field<HTMLInputElement>}
 */
export const field = (label, props, hint) => labelled(label, h('input', { class: 'input', ...props }), hint);

/**
 * The same for several lines.
 *
 * @param {string} label
 * @param {Record<string, Value> & {name: string}} props
 * @param {string} [hint]
 * @returns {Field<HTMLTextAreaElement>}
 */
export const area = (label, props, hint) => labelled(label, h('textarea', { class: 'input', ...props }), hint);

/**
 * The same with a list to choose from.
 *
 * @param {string} label
 * @param {string} name
 * @param {[value: string, text: string][]} options
 * @param {string} [hint]
 * @returns {Field<HTMLSelectElement>}
 */
export function choice(label, name, options, hint) {
  const select = h('select', { class: 'input', name }, ...options.map(([value, text]) => h('option', { value }, text)));
  return labelled(label, select, hint);
}

/**
 * @template {Control} C
 * @param {string} label
 * @param {C} input
 * @param {string} [hint]
 * @returns {Field<C>}
 */
function labelled(label, input, hint) {
  const id = uniqueId(input.name);
  const [hintId, faultId] = [`${id}-hint`, `${id}-fault`];
  input.id = id;
  const fault = h('p', { id: faultId, class: 'fault', hidden: true });
  const describe = (/** @type {boolean} */ failed) =>
    setAttribute(input, 'aria-describedby', [failed && faultId, hint && hintId].filter(Boolean).join(' ') || null);
  describe(false);
  /** @param {Said} message */
  const fail = (message) => {
    fault.hidden = message === '';
    setText(fault, message);
    setAttribute(input, 'aria-invalid', message === '' ? null : 'true');
    describe(message !== '');
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
  return { element, input, name: input.name, fail };
}

/**
 * Says at each field what the server did not like about it.
 *
 * @param {Field[]} fields
 * @param {{field: string, message: string}[]} errors
 * @returns {Field | null} the first one at fault
 */
export function blame(fields, errors) {
  let first = null;
  for (const { field, message } of errors) {
    const known = fields.find((candidate) => candidate.name === field);
    if (!known) continue;
    known.fail(faultOf(labelOf(known), message));
    first ??= known;
  }
  return first;
}

/** @param {Field} field */
export const labelOf = (field) => field.element.querySelector('label')?.textContent ?? field.name;
