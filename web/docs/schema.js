import { h } from '../lib/dom.js';
import { nameOf } from './contract.js';
import { inline } from './markdown.js';

/** @import { Contract, Schema } from './contract.js' */

/**
 * What a type says: its fields, or what it is one of.
 *
 * @param {Contract} contract
 * @param {Schema} schema
 * @returns {HTMLElement}
 */
export function showSchema(contract, schema) {
  const whole = merged(contract, schema);
  const choices = (whole.oneOf ?? whole.anyOf ?? []).filter((choice) => choice.type !== 'null');
  if (choices.length > 0) {
    return h('div', { class: 'stack' }, ...choices.map((choice) => named(contract, choice)));
  }
  const inner = whole.type === 'array' && whole.items ? whole.items : null;
  if (inner && isObject(contract, inner)) return named(contract, inner);
  const fields = Object.entries(whole.properties ?? {});
  if (fields.length === 0) return h('p', { class: 'soft' }, kind(contract, schema), ...limits(whole));
  const rows = fields.map(([name, field]) => row(contract, name, field, whole.required?.includes(name) ?? false));
  return h('dl', { class: 'fields' }, ...rows.flat());
}

/**
 * A type in a word or two, such as `array of Message` or `string or null`.
 *
 * @param {Contract} contract
 * @param {Schema} schema
 * @returns {string}
 */
export function kind(contract, schema) {
  const name = nameOf(schema);
  const whole = merged(contract, schema);
  if (name && isObject(contract, whole)) return name;
  const choices = whole.oneOf ?? whole.anyOf;
  if (choices) return choices.map((choice) => kind(contract, choice)).join(' or ');
  if (whole.type === 'array' && whole.items) return `array of ${kind(contract, whole.items)}`;
  const types = [whole.type ?? 'anything'].flat();
  return types.map((type) => (type === 'string' && whole.format ? whole.format : type)).join(' or ');
}

/** @param {Contract} contract @param {string} name @param {Schema} field @param {boolean} required */
function row(contract, name, field, required) {
  const whole = merged(contract, bare(field));
  const label = h('dt', {}, h('code', {}, name), ' ', h('span', { class: 'soft small' }, kind(contract, field)), required && h('span', { class: 'mark' }, 'required'));
  const said = field.description ?? whole.description;
  const inner = inside(contract, field);
  return [
    label,
    h('dd', {}, said && h('p', {}, ...inline(said)), ...limits(whole), inner && named(contract, inner)),
  ];
}

/** What stands in the place of a type that may be null. @param {Schema} schema @returns {Schema} */
function bare(schema) {
  const choices = schema.oneOf?.filter((choice) => choice.type !== 'null') ?? [];
  return choices.length === 1 && choices[0] ? choices[0] : schema;
}

/** The objects in a field, which are shown when they are asked for. @param {Contract} contract @param {Schema} field */
function inside(contract, field) {
  const one = bare(field);
  const whole = merged(contract, one);
  const item = whole.type === 'array' && whole.items ? whole.items : one;
  return isObject(contract, item) ? item : null;
}

/** @param {Contract} contract @param {Schema} schema */
function isObject(contract, schema) {
  const whole = merged(contract, schema);
  return Boolean(whole.properties ?? whole.oneOf ?? whole.anyOf);
}

/** A type that opens at a click, since types may contain themselves. @param {Contract} contract @param {Schema} schema */
function named(contract, schema) {
  const details = h('details', {}, h('summary', {}, h('code', {}, nameOf(schema) ?? kind(contract, schema))));
  const said = merged(contract, schema).description;
  details.addEventListener('toggle', () => {
    details.append(...(said ? [h('p', { class: 'soft' }, ...inline(said))] : []), showSchema(contract, schema));
  }, { once: true });
  return details;
}

/** The type with all its parts in one. @param {Contract} contract @param {Schema} schema @returns {Schema} */
function merged(contract, schema) {
  const { allOf, ...own } = contract.resolve(schema);
  const parts = (allOf ?? []).map((part) => merged(contract, part));
  return parts.reduce(
    (whole, part) => ({
      ...part,
      ...whole,
      properties: { ...part.properties, ...whole.properties },
      required: [...(part.required ?? []), ...(whole.required ?? [])],
    }),
    own,
  );
}

/** @param {Schema} schema */
function limits(schema) {
  const range = (/** @type {number | undefined} */ from, /** @type {number | undefined} */ to, /** @type {string} */ of) => {
    if (from === undefined && to === undefined) return null;
    if (to === undefined) return `at least ${from} ${of}`;
    return from === undefined ? `at most ${to} ${of}` : `${from} to ${to} ${of}`;
  };
  const facts = [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, 'characters'),
    range(schema.minItems, schema.maxItems, 'elements'),
  ].filter((fact) => fact !== null);
  const values = schema.enum?.flatMap((value, place) => [place > 0 && ', ', h('code', {}, String(value))]);
  return [
    facts.length > 0 && h('p', { class: 'soft small' }, `${facts.join('; ')}`),
    values && h('p', { class: 'soft small' }, 'one of ', ...values),
  ];
}
