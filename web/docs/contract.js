/**
 * The parts of the OpenAPI document that this page reads.
 *
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {string | string[]} [type]
 * @property {string} [description]
 * @property {string} [format]
 * @property {string} [pattern]
 * @property {unknown[]} [enum]
 * @property {unknown[]} [examples]
 * @property {unknown} [example]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 * @property {number} [minItems]
 * @property {number} [maxItems]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema | boolean} [additionalProperties]
 * @property {Schema[]} [oneOf]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [allOf]
 *
 * @typedef {{value?: unknown, summary?: string}} Example
 * @typedef {{schema?: Schema, examples?: Record<string, Example>}} Media
 * @typedef {{$ref?: string, name: string, in: string, required?: boolean, deprecated?: boolean, description?: string, schema?: Schema, example?: unknown}} Parameter
 * @typedef {{description: string, content?: Record<string, Media>, headers?: Record<string, {$ref?: string, description?: string}>}} Answer
 *
 * @typedef {object} Said
 * @property {string} operationId
 * @property {string} summary
 * @property {string} [description]
 * @property {string[]} tags
 * @property {boolean} [deprecated]
 * @property {Parameter[]} [parameters]
 * @property {{required?: boolean, content: Record<string, Media>}} [requestBody]
 * @property {Record<string, Answer>} responses
 * @property {Record<string, string[]>[]} security
 *
 * @typedef {{method: string, path: string, said: Said, sent: boolean}} Operation `sent` is what we send to others
 * @typedef {{name: string, description: string, operations: Operation[]}} Group
 */

/** In the order in which one needs them. */
const METHODS = ['post', 'get', 'put', 'patch', 'delete'];

/** The document, and what its references stand for. */
export class Contract {
  #document;

  /** @param {any} document */
  constructor(document) {
    this.#document = document;
    /** @type {string} */
    this.introduction = document.info.description;
    /** @type {string} */
    this.version = document.info.version;
  }

  /** All operations under the document's own headings, in its own order. @returns {Group[]} */
  groups() {
    const operations = [
      ...operationsOf(this.#document.paths, false),
      ...operationsOf(this.#document.webhooks ?? {}, true),
    ];
    const groups = this.#document.tags.map((/** @type {{name: string, description: string}} */ tag) => ({
      ...tag,
      operations: operations.filter(({ said }) => said.tags[0] === tag.name),
    }));
    return groups.filter((/** @type {Group} */ group) => group.operations.length > 0);
  }

  /** What a reference stands for, or the value itself. @template {{$ref?: string}} T @param {T} value @returns {T} */
  resolve(value) {
    if (!value.$ref) return value;
    const keys = value.$ref.slice(2).split('/');
    const found = keys.reduce((part, key) => part[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.#document);
    return { ...found, ...(/** @type {any} */ (value).description ? { description: /** @type {any} */ (value).description } : {}) };
  }
}

/** @param {Record<string, Record<string, Said>>} paths @param {boolean} sent @returns {Operation[]} */
function operationsOf(paths, sent) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const said = item[method];
      return said ? [{ method, path, said, sent }] : [];
    }),
  );
}

/** The name of a type, if it has one. @param {{$ref?: string}} schema */
export const nameOf = (schema) => schema.$ref?.split('/').pop();
