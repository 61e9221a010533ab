import { cancel, details, preview, send, sendAll } from '../api/client.js';
import { Problem } from '../api/http.js';
import { asRequest } from './text.js';

/** @import { Accepted, Message } from '../api/types.js' */
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
const requestOf = (text) => ({ recipient: text.recipient, ...asRequest(text) });

/**
 * Refuses a text that the server would refuse, before another one is cancelled for it.
 *
 * @param {Wanted & {recipient: string}} text
 * @param {AbortSignal} signal
 */
export async function requireAcceptable(text, signal) {
  const told = await preview(requestOf(text), signal);
  // How long it will wait is a guess, for which nothing is refused in earnest.
  const errors = told.errors.filter(({ field }) => field !== 'validity_seconds');
  const [limit] = told.limits;
  if (limit) throw new Problem(limit.retry_after === null ? 403 : 429, limit.code, limit.message, errors, limit.retry_after);
  if (errors.length > 0) throw new Problem(400, 'invalid-request', errors.map(({ field, message }) => `${field} ${message}.`).join(' '), errors, null);
}

/**
 * Refuses to replace a text that does not wait any more: somebody cancelled or deleted it, or it is going out.
 *
 * @param {string} user
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function requireWaiting(user, id, signal) {
  const text = await details(user, id, signal).catch((error) => {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  });
  if (!text || text.status === 'canceled') throw tooLate('gone');
  if (text.status !== 'queued') throw tooLate('goingOut');
}

/**
 * Sees to it that a text which another one replaces is not sent. Only an answer makes that certain, so without
 * one it is asked again.
 *
 * @param {string} user
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Message | null>} the text, unless it was deleted since
 */
export async function withdraw(user, id, signal) {
  try {
    return await cancel(user, id, signal);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 404) return null;
    throw error.status === 409 ? tooLate('goingOut') : error;
  }
}

/** @param {'gone' | 'goingOut'} code what this client calls it */
const tooLate = (code) => new Problem(409, code, code, [], null);

/** @param {Problem} problem @returns {boolean} the same request may be accepted later */
export const isPassing = ({ status }) => status === 429 || status === 408 || status >= 500;

/** @param {Problem} problem @returns {boolean} what refuses it is not waited for here */
const isFinal = (problem) => !isPassing(problem) || (problem.status === 429 && (problem.retryAfter ?? 0) > LONGEST_WAIT);

/** @param {unknown} error @returns {boolean} the server may have done what it did not confirm */
const mayBeDone = (error) => !(error instanceof Problem) || error.status >= 500;

/** @param {unknown} error */
export const isLoggedOut = (error) => error instanceof Problem && error.status === 401;

/** @param {unknown} error @returns {number | null} in how many milliseconds it is tried again at the earliest; `null` if it is not */
export function waitOf(error) {
  if (!(error instanceof Problem)) return 0;
  return isFinal(error) ? null : (error.retryAfter ?? 0) * 1000;
}

/** As long as it is waited for whether a text would be refused, in milliseconds. */
const PATIENCE = 5000;

/** What would refuse a text for good. Without an answer nothing is known. @param {string} recipient @param {Wanted} text @returns {Promise<Problem | null>} */
export async function refusalOf(recipient, text) {
  try {
    await requireAcceptable({ ...text, recipient }, AbortSignal.timeout(PATIENCE));
  } catch (error) {
    if (error instanceof Problem && isFinal(error) && !isLoggedOut(error)) return error;
  }
  return null;
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
