import { fill, h, setText } from '../lib/dom.js';

/** More of an answer is not shown, in characters. */
const MOST = 100_000;

/**
 * Shows an answer as it comes. One that does not end, a stream of events, goes on until it is stopped.
 *
 * @param {HTMLElement} place
 * @param {Response} response
 * @param {number} took milliseconds
 * @returns {Promise<any>} what it says, if that is JSON
 */
export async function showAnswer(place, response, took) {
  const status = h('p', { class: response.ok ? 'status good' : 'status bad' }, h('strong', {}, `${response.status} ${words(response.status)}`), ` in ${Math.round(took)} ms`);
  const names = [...response.headers].map(([name, value]) => h('li', {}, `${name}: ${value}`));
  const headers = h('details', {}, h('summary', {}, `${names.length} headers`), h('ul', { class: 'code' }, ...names));
  const body = h('pre', { class: 'code' });
  const polite = document.getElementById('polite');
  if (polite) setText(polite, `Answer: ${response.status} ${words(response.status)}`);
  fill(place, h('h3', {}, 'Answer'), status, headers, body);
  const text = await read(response, (part) => fill(body, part));
  if (text === '') body.replaceWith(h('p', { class: 'soft' }, 'The answer has no body.'));
  if (!/[/+]json(;|$)/.test(response.headers.get('content-type') ?? '')) return null;
  const said = JSON.parse(text);
  fill(body, shortened(JSON.stringify(said, null, 2)));
  return said;
}

/** @param {Response} response @param {(text: string) => void} tell what has come so far */
async function read(response, tell) {
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    text += decoder.decode(part.value, { stream: true });
    tell(shortened(text));
  }
  return text + decoder.decode();
}

/** @param {string} text */
const shortened = (text) => (text.length > MOST ? `${text.slice(0, MOST)}\n… and ${text.length - MOST} characters more` : text);

/** HTTP/2 has no words for them. @type {Record<number, string>} */
const WORDS = {
  200: 'OK', 201: 'Created', 204: 'No Content', 304: 'Not Modified', 400: 'Bad Request', 401: 'Unauthorized',
  403: 'Forbidden', 404: 'Not Found', 408: 'Request Timeout', 409: 'Conflict', 413: 'Content Too Large',
  415: 'Unsupported Media Type', 421: 'Misdirected Request', 422: 'Unprocessable Content',
  429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable',
};

/** @param {number} status */
export const words = (status) => WORDS[status] ?? '';
