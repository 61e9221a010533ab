import { send, sendAll } from '../api/client.js';
import { Problem } from '../api/http.js';
import { asRequest } from './text.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Outgoing } from './outbox.js' */
/** @import { Wanted } from './text.js' */

/** Beyond this a limit is the user's to wait for, in seconds. */
const LONGEST_WAIT = 120;

/**
 * Hands texts over to the server: one as it is, several in one request. Repeating it sends none of them twice.
 *
 * @param {Outgoing[]} texts
 * @param {AbortSignal} signal
 * @returns {Promise<(Accepted | Problem)[]>} what it says to each
 */
export async function handOver(texts, signal) {
  const [first, ...others] = texts;
  if (first && others.length === 0) return [await send(requestOf(first), first.key, signal)];
  return sendAll(texts.map((text) => ({ ...requestOf(text), idempotency_key: text.key })), signal);
}

/** @param {Wanted & {recipient: string}} text */
export const requestOf = (text) => ({ recipient: text.recipient, ...asRequest(text) });

/** @param {Problem} problem @returns {boolean} the same request may be accepted later */
export const isPassing = ({ status }) => status === 429 || status === 408 || status >= 500;

/** @param {Problem} problem @returns {boolean} what refuses it is not waited for here */
export const isFinal = (problem) => !isPassing(problem) || (problem.status === 429 && (problem.retryAfter ?? 0) > LONGEST_WAIT);

/** @param {unknown} error @returns {boolean} the server may have done what it did not confirm */
const mayBeDone = (error) => !(error instanceof Problem) || error.status >= 500;

/** @param {unknown} error */
export const isLoggedOut = (error) => error instanceof Problem && error.status === 401;

/** @param {unknown} error @returns {number | null} in how many milliseconds it is tried again at the earliest; `null` if it is not */
export function waitOf(error) {
  if (!(error instanceof Problem)) return 0;
  return isFinal(error) ? null : (error.retryAfter ?? 0) * 1000;
}

/** What a text is after a try that failed. @param {Outgoing} text @param {unknown} error @returns {Outgoing} */
export function after(text, error) {
  if (isLoggedOut(error)) return { ...text, state: 'waiting', code: 'login', reason: null };
  const [code, reason] = error instanceof Problem ? [error.code, error.message] : ['connection', null];
  if (error instanceof Problem && isFinal(error)) return { ...text, faults: error.errors, state: 'refused', code, reason };
  // Without a network it has not left.
  const inDoubt = text.inDoubt || (navigator.onLine && mayBeDone(error));
  return { ...text, inDoubt, state: 'waiting', code, reason };
}
