import { cancel, details, preview } from '../api/client.js';
import { Problem } from '../api/http.js';
import { isFinal, isLoggedOut, requestOf } from './handing.js';

/** @import { Message } from '../api/types.js' */
/** @import { Wanted } from './text.js' */

/*
 * What is asked before a text is sent in the place of one that waits. It is a file of its own, which is fetched then.
 */

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
