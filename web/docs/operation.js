import { h } from '../lib/dom.js';
import { words } from './answer.js';
import { inline, markdown } from './markdown.js';
import { kind, showSchema } from './schema.js';
import { trying } from './trying.js';

/** @import { Contract, Operation, Parameter } from './contract.js' */

/**
 * Everything about one operation, and a form to try it.
 *
 * @param {Contract} contract
 * @param {Operation} operation
 * @param {AbortSignal} left when something else is shown
 */
export function showOperation(contract, operation, left) {
  const { said, sent } = operation;
  const parameters = (said.parameters ?? []).map((parameter) => contract.resolve(parameter));
  const responses = Object.entries(said.responses);
  return [
    h('div', { class: 'about stack' },
      h('h1', { tabindex: -1 }, said.summary),
      h('p', { class: 'line' }, method(operation), ' ', h('code', {}, operation.path), ...needs(operation)),
      ...markdown(said.description),
      ...parameterTable(contract, parameters, sent),
      ...body(contract, operation)),
    !sent && trying(contract, operation, parameters, left),
    h('div', { class: 'answers stack' },
      h('h2', {}, sent ? 'What you answer' : 'Answers'),
      ...responses.map(([status, answer]) => showResponse(contract, status, answer))),
  ];
}

/** @param {Operation} operation */
export const method = ({ method, sent }) => h('span', { class: `method ${sent ? 'sent' : method}` }, sent ? 'sent' : method.toUpperCase());

/** @param {Operation} operation */
function needs({ said, sent }) {
  if (sent) return [];
  return [' ', h('span', { class: 'mark' }, said.security.length > 0 ? 'needs a login' : 'open to all'), said.deprecated && h('span', { class: 'mark' }, 'deprecated')];
}

/** @param {Contract} contract @param {Parameter[]} parameters @param {boolean} sent */
function parameterTable(contract, parameters, sent) {
  if (parameters.length === 0) return [];
  const rows = parameters.flatMap((parameter) => [
    h('dt', {}, h('code', {}, parameter.name), ' ', h('span', { class: 'soft small' }, `${kind(contract, parameter.schema ?? {})} in the ${parameter.in}`), parameter.required && h('span', { class: 'mark' }, 'required'), parameter.deprecated && h('span', { class: 'mark' }, 'deprecated')),
    h('dd', {}, h('p', {}, ...inline(parameter.description ?? ''))),
  ]);
  return [h('h2', {}, sent ? 'Headers' : 'Parameters'), h('dl', { class: 'fields' }, ...rows)];
}

/** @param {Contract} contract @param {Operation} operation */
function body(contract, { said }) {
  const media = Object.entries(said.requestBody?.content ?? {});
  return media.flatMap(([type, { schema = {} }]) => [
    h('h2', {}, 'Body'),
    h('p', { class: 'soft small' }, type),
    showSchema(contract, schema),
  ]);
}

/** @param {Contract} contract @param {string} status @param {import('./contract.js').Answer} answer */
function showResponse(contract, status, answer) {
  const summary = h('summary', {}, h('strong', {}, status), ` ${words(Number(status))} `, h('span', { class: 'soft' }, ...inline(answer.description)));
  const details = h('details', { class: 'answer' }, summary);
  details.addEventListener('toggle', () => {
    const headers = Object.entries(answer.headers ?? {}).flatMap(([name, header]) => [
      h('dt', {}, h('code', {}, name)),
      h('dd', {}, h('p', {}, ...inline(contract.resolve(header).description ?? ''))),
    ]);
    const bodies = Object.entries(answer.content ?? {}).flatMap(([type, { schema = {}, examples = {} }]) => [
      h('p', { class: 'soft small' }, `${type}: ${kind(contract, schema)}`),
      ...Object.values(examples).map(({ value }) => h('pre', { class: 'code' }, JSON.stringify(value, null, 2))),
      Object.keys(examples).length === 0 && showSchema(contract, schema),
    ]);
    const told = bodies.filter((part) => part instanceof Node);
    if (headers.length > 0) told.push(h('p', { class: 'small' }, h('strong', {}, 'Headers')), h('dl', { class: 'fields' }, ...headers));
    details.append(...told);
  }, { once: true });
  return details;
}
