import { address } from '../lib/base.js';

/** @import { Operation } from './contract.js' */

/**
 * What was filled in, ready to be sent.
 *
 * @typedef {{method: string, url: URL, headers: Record<string, string>, body: string | null}} Request
 */

/**
 * @param {Operation} operation
 * @param {{in: string, name: string, value: string}[]} parameters
 * @param {{type: string, text: string} | null} body
 * @param {string | null} token
 * @returns {Request}
 */
export function request(operation, parameters, body, token) {
  const of = (/** @type {string} */ place) => parameters.filter((given) => given.in === place && given.value !== '');
  const path = of('path').reduce(
    (text, { name, value }) => text.replace(`{${name}}`, encodeURIComponent(value)),
    operation.path.slice(1),
  );
  const query = Object.fromEntries(of('query').map(({ name, value }) => [name, value]));
  return {
    method: operation.method.toUpperCase(),
    url: address(path, query),
    headers: {
      ...Object.fromEntries(of('header').map(({ name, value }) => [name, value])),
      ...(body ? { 'Content-Type': body.type } : {}),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: body ? encoded(body) : null,
  };
}

/** @param {{type: string, text: string}} body a form is written as an object, too */
function encoded({ type, text }) {
  if (type !== 'application/x-www-form-urlencoded') return text;
  try {
    return new URLSearchParams(JSON.parse(text)).toString();
  } catch {
    return text;
  }
}

/** The same request for a shell, without the token. @param {Request} request */
export function curl({ method, url, headers, body }) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [`curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url.href)}`];
  for (const [name, value] of Object.entries(headers)) {
    lines.push(name === 'Authorization' ? '-H "Authorization: Bearer $TOKEN"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  if (body !== null) lines.push(`-d ${quoted(body)}`);
  return lines.join(' \\\n  ');
}
