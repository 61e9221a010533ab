import { Problem, sentence } from '../api/http.js';
import { alarm } from '../lib/announce.js';
import { isBlank } from '../lib/blank.js';
import { h, setText } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { blame, labelOf } from './field.js';

/** @import { Child, Said } from '../lib/dom.js' */
/** @import { Field } from './field.js' */

/**
 * A form that is sent once at a time, and says at each field what the server did not like about it.
 *
 * @param {Field[]} fields
 * @param {object} options
 * @param {string} options.label of the button
 * @param {boolean} [options.danger]
 * @param {(errors: Problem['errors']) => boolean} [options.blame] says at what else is in the form what is wrong with it
 * @param {(values: Record<string, string>) => Promise<void>} send
 * @param {...Child} extra between the fields and the button
 */
export function form(fields, { label, danger = false, blame: blameRest = () => false }, send, ...extra) {
  let busy = false;
  const fault = h('p', { class: 'fault', hidden: true });
  const button = h('button', { class: danger ? 'button danger' : 'button primary' }, label);
  const fail = (/** @type {Said} */ text) => {
    fault.hidden = text === '';
    setText(fault, text);
    if (text !== '') alarm(text);
  };

  const submit = async () => {
    if (busy) return;
    fail('');
    if (missing(fields)) return;
    busy = true;
    button.setAttribute('aria-busy', 'true');
    try {
      await send(Object.fromEntries(fields.map(({ name, input }) => [name, input.value])));
    } catch (error) {
      const errors = error instanceof Problem ? error.errors : [];
      const first = blame(fields, errors);
      first?.input.focus();
      if (!blameRest(errors) && !first) fail(sentence(error));
    } finally {
      busy = false;
      button.removeAttribute('aria-busy');
    }
  };

  const onsubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    submit();
  };
  return h(
    'form',
    { class: 'form', novalidate: true, onsubmit },
    ...fields.map((field) => field.element),
    ...extra,
    fault,
    button,
  );
}

/** @param {Field[]} fields @returns {boolean} */
function missing(fields) {
  const empty = fields.filter(({ input }) => input.required && (input.type === 'password' ? !input.value : isBlank(input.value)));
  for (const field of empty) field.fail(words.field.required(labelOf(field)));
  empty[0]?.input.focus();
  return empty.length > 0;
}
