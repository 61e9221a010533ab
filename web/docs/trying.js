import { fill, h, setText, uniqueId } from '../lib/dom.js';
import { showAnswer } from './answer.js';
import { current, latestMessage, learn } from './login.js';
import { curl, request } from './request.js';

/** @import { Contract, Operation, Parameter } from './contract.js' */

/**
 * A form that sends the request which it shows. Only what is required is filled in.
 *
 * @param {Contract} contract
 * @param {Operation} operation
 * @param {Parameter[]} parameters
 * @param {AbortSignal} left
 */
export function trying(contract, operation, parameters, left) {
  const fields = parameters.map((parameter) => ({ ...parameter, input: input(contract, operation, parameter) }));
  const body = editor(operation);
  const shown = h('pre', { class: 'code', id: uniqueId('curl') });
  const answer = h('section', { class: 'stack' });
  const hint = h('p', { class: 'hint' });
  const send = h('button', { class: `button ${operation.method === 'delete' ? 'danger' : 'primary'}` }, 'Send request');
  const stop = h('button', { type: 'button', class: 'button', hidden: true }, 'Stop');

  const wanted = () => {
    const given = fields.map(({ name, in: place, input }) => ({ name, in: place, value: input.value }));
    const needsLogin = operation.said.security.length > 0;
    return request(operation, given, body && { type: body.type, text: body.input.value }, needsLogin ? (current()?.token ?? null) : null);
  };
  const show = () => {
    setText(shown, curl(wanted()));
    setText(hint, operation.said.security.length > 0 && !current() ? 'It needs a login: sign up or log in on the start page.' : '');
  };
  const form = h('form', { class: 'form', oninput: show, onsubmit: submit }, ...fields.filter(isUsual).map(field), ...rare(fields), body?.part, hint, h('div', { class: 'actions' }, send, stop));
  addEventListener('login', show, { signal: left });
  show();

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const asked = wanted();
    const ending = new AbortController();
    stop.onclick = () => ending.abort();
    send.setAttribute('aria-busy', 'true');
    stop.hidden = false;
    const begun = performance.now();
    try {
      const response = await fetch(asked.url, { method: asked.method, headers: asked.headers, body: asked.body, cache: 'no-store', credentials: 'omit', signal: AbortSignal.any([left, ending.signal]) });
      const said = await showAnswer(answer, response, performance.now() - begun);
      if (response.ok) learn(operation.said.operationId, said, parsed(asked.body));
    } catch (error) {
      if (!ending.signal.aborted) fill(answer, h('p', { class: 'fault' }, `No answer: ${error instanceof Error ? error.message : error}`));
    } finally {
      send.removeAttribute('aria-busy');
      stop.hidden = true;
    }
  }

  return h('section', { class: 'trying stack' }, h('h2', {}, 'Try it'), form, h('h3', {}, 'In a shell'), shown, answer);
}

/** @typedef {Parameter & {input: HTMLInputElement | HTMLSelectElement}} Field */

/** @param {Field} field */
const isUsual = (field) => field.in !== 'header' || field.required === true;

/** Headers that may be left out, which few need. @param {Field[]} fields */
function rare(fields) {
  const headers = fields.filter((field) => !isUsual(field));
  return headers.length > 0 ? [h('details', {}, h('summary', {}, 'Headers that may be left out'), ...headers.map(field))] : [];
}

/** @param {Field} field */
function field({ name, required, input }) {
  input.id = uniqueId('field');
  return h('div', { class: 'field' }, h('label', { for: input.id }, name, ' ', h('span', { class: 'soft small' }, required ? 'required' : 'optional')), input);
}

/** @param {Contract} contract @param {Operation} operation @param {Parameter} parameter */
function input(contract, operation, parameter) {
  const schema = contract.resolve(parameter.schema ?? {});
  const values = schema.enum ?? (schema.type === 'boolean' || [schema.type].flat().includes('boolean') ? ['true', 'false'] : null);
  if (values) {
    const options = ['', ...values].map((value) => h('option', { value: String(value) }, String(value)));
    return h('select', { class: 'input', required: parameter.required ?? false }, ...options);
  }
  const example = parameter.example ?? schema.examples?.[0] ?? schema.example;
  const value = parameter.required ? (known(operation, parameter.name) || String(example ?? '')) : '';
  return h('input', { class: 'input', value, required: parameter.required ?? false, autocomplete: 'off', spellcheck: 'false' });
}

/** What earlier answers told. @param {Operation} operation @param {string} name */
function known({ path }, name) {
  if (name === 'user') return current()?.hash ?? '';
  return name === 'id' && path.startsWith('/messages/') ? latestMessage() : '';
}

/** @param {Operation} operation */
function editor({ said }) {
  const [[type, media] = ['', {}]] = Object.entries(said.requestBody?.content ?? {});
  if (!type) return null;
  const examples = Object.entries(/** @type {import('./contract.js').Media} */ (media).examples ?? {});
  const text = (/** @type {number} */ place) => JSON.stringify(examples[place]?.[1].value ?? {}, null, 2);
  const input = h('textarea', { class: 'input code', id: uniqueId('body'), rows: 9, spellcheck: 'false' });
  input.value = text(0);
  const options = examples.map(([name], place) => h('option', { value: place }, name));
  const choice = h('select', { class: 'input', id: uniqueId('example') }, ...options);
  choice.addEventListener('change', () => {
    input.value = text(Number(choice.value));
  });
  const part = h('div', { class: 'field' },
    examples.length > 1 && h('label', { for: choice.id }, 'Example'),
    examples.length > 1 && choice,
    h('label', { for: input.id }, 'Body ', h('span', { class: 'soft small' }, type)),
    input);
  return { type, input, part };
}

/** @param {string | null} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
