import { Unreachable, ask, problemOf } from './http.js';
import { page } from './page.js';

/** @import { Accepted, BatchAnswer, ClientSettings, Conversation, DetailedMessage, Login, Me, Message, Page, Preview, Sender, UserSettings } from './types.js' */
/** @import { TextRequest } from '../model/text.js' */
/** @import { Call, Problem } from './exchange.js' */

/**
 * @param {string} path
 * @param {Call} [call]
 * @returns {Promise<any>}
 */
export async function json(path, call) {
  const answer = await ask(path, call);
  return answer.json().catch(() => {
    throw new Unreachable();
  });
}

/** @returns {Promise<ClientSettings>} */
export const settings = () => json('client.json', { open: true });

/**
 * @param {'signup' | 'login'} way
 * @param {{username: string, password: string, invite?: string}} who
 * @returns {Promise<Login>}
 */
export const showPassword = (way, who) => json(way, { method: 'POST', body: who, open: true });

/** @returns {Promise<Login>} */
export const renew = () => json('me/token', { method: 'POST' });

/** @returns {Promise<Me>} */
export const me = () => json('me');

/** Which conversations are listed. @typedef {'inbox' | 'archived' | 'pinned' | 'unread' | 'failed' | 'waiting'} Show */

/** @param {number} limit @param {string | null} cursor @param {{number?: string, show?: Show | null}} [which] a part of the number, and which of them; all, unless it is said @returns {Promise<Page<Conversation>>} */
export const conversations = (limit, cursor, which = {}) => page('conversations', { query: { limit, cursor, ...which } });

/** @param {string} number */
const conversation = (number) => `conversations/${encodeURIComponent(number)}`;

/** @param {string} number @param {'asc' | 'desc'} order @param {string | null} cursor @param {number} limit @returns {Promise<Page<Message>>} */
export const thread = (number, order, cursor, limit) =>
  page(conversation(number), { query: { order, limit, cursor } });

/** What was said before and after a message, and itself. @param {string} number @param {string} id @param {number} limit @returns {Promise<Page<Message>>} oldest first */
export const around = (number, id, limit) =>
  page(conversation(number), { query: { around: id, order: 'asc', limit } });

/** @param {string} number @param {string} up_to a message's id */
export const markRead = (number, up_to) =>
  ask(`${conversation(number)}/read`, { method: 'PUT', body: { up_to } });

/** What belongs to nobody, for who may see it. @param {number} limit @param {string | null} cursor @returns {Promise<Page<Message>>} newest first */
export const unassigned = (limit, cursor) => page('inbox/unassigned', { query: { order: 'desc', limit, cursor } });

/** Those that the user may send from. @returns {Promise<Sender[]>} */
export const senders = () => json('senders');

/** @returns {Promise<UserSettings>} */
export const userSettings = () => json('me/settings');

/** @param {UserSettings} wanted @returns {Promise<UserSettings>} */
export const changeSettings = (wanted) => json('me/settings', { method: 'PUT', body: wanted });

/**
 * What would become of a text. Nothing is sent.
 *
 * @param {Partial<TextRequest>} text
 * @param {AbortSignal} signal
 * @returns {Promise<Preview>}
 */
export const preview = (text, signal) =>
  json('messages/preview', { method: 'POST', body: text, signal });

/**
 * @param {TextRequest} text
 * @param {string} key repeating the same text with the same key sends it once
 * @param {AbortSignal} signal
 * @returns {Promise<Accepted>}
 */
export const send = (text, key, signal) =>
  json('messages', { method: 'POST', body: text, headers: { 'Idempotency-Key': key }, signal });

/**
 * Hands over up to 1,000 texts. Each is judged alone, and sent once, however often its request is repeated and
 * whatever else is in it: each has a key of its own.
 *
 * @param {(TextRequest & {idempotency_key: string})[]} messages
 * @param {AbortSignal} signal
 * @returns {Promise<(Accepted | Problem)[]>} in their order
 */
export async function sendAll(messages, signal) {
  /** @type {BatchAnswer} */
  const answer = await json('messages/batch', { method: 'POST', body: { messages }, within: 60_000, signal });
  return answer.results.map(({ status, accepted, problem, retry_after: wait }) => accepted ?? problemOf(status, problem, wait ?? null));
}

/** @param {string} user @param {string} id @param {AbortSignal} [signal] @returns {Promise<DetailedMessage>} */
export const details = (user, id, signal) => json(`messages/${user}/${id}`, { signal });

/** Repeating it changes nothing. @param {string} user @param {string} id @param {AbortSignal} [signal] @returns {Promise<Message>} */
export const cancel = (user, id, signal) => json(`messages/${user}/${id}/cancel`, { method: 'POST', signal });

/** @param {string} user @param {string} id */
export const remove = (user, id) => json(`messages/${user}/${id}`, { method: 'DELETE' });

