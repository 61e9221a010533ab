import { address } from '../lib/base.js';
import { translated, words } from '../lib/words.js';

/** @import { Said } from '../lib/dom.js' */

/** A request without an answer. Whether it was done is not known. */
export class Unreachable extends Error {
  constructor() {
    super(words.error.network);
  }
}

/** An answer that says no. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code stays the same when the sentences change
   * @param {string} message a sentence for people
   * @param {{field: string, message: string}[]} errors
   * @param {number | null} retryAfter seconds
   */
  constructor(status, code, message, errors, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

/**
 * @typedef {object} Call
 * @property {string} [method]
 * @property {Record<string, string | number | null | undefined>} [query]
 * @property {unknown} [body] sent as JSON
 * @property {Blob} [file] sent as it is
 * @property {Record<string, string>} [headers]
 * @property {number} [within] milliseconds until the answer has to begin; 20,000
 * @property {AbortSignal} [signal]
 * @property {boolean} [open] needs no token
 * @property {boolean} [cookie] the browser adds the cookie of the login, or takes one from the answer
 */

/**
 * @param {string} path
 * @param {Call} call
 * @param {string | null} token
 * @returns {Promise<Response>} an answer that says yes
 */
export async function exchange(path, call, token) {
  const answer = await request(path, call, token);
  if (!answer.ok) throw await problem(answer);
  return answer;
}

/** @param {string} path @param {Call} call @param {string | null} token */
async function request(path, { method = 'GET', query, body, file, headers = {}, within = 20_000, signal, cookie = false }, token) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), within);
  try {
    return await fetch(address(path, query), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(file && { 'Content-Type': file.type || 'application/octet-stream' }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: file ?? (body === undefined ? null : JSON.stringify(body)),
      cache: 'no-store',
      credentials: cookie ? 'same-origin' : 'omit',
      // A stream lasts longer than the wait for its beginning.
      signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal,
    });
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} answer */
async function problem(answer) {
  const retryAfter = Number(answer.headers.get('Retry-After')) || null;
  return problemOf(answer.status, await answer.json().catch(() => null), retryAfter);
}

/**
 * What an answer says that says no, be it a whole one or a part of one.
 *
 * @param {number} status
 * @param {any} problem as the API writes it, if it does
 * @param {number | null} retryAfter seconds
 */
export function problemOf(status, problem, retryAfter) {
  const code = String(problem?.type ?? '').replace(/^urn:mysms:problem:/, '');
  const message = problem?.detail || words.error.server;
  return new Problem(status, code, message, problem?.errors ?? [], retryAfter);
}

/** @param {unknown} error @returns {Said} a sentence for people */
export function sentence(error) {
  if (error instanceof Unreachable) return words.error.checkConnection;
  if (error instanceof Problem) return translated(words.problems, error.code, error.message);
  return words.error.page;
}
