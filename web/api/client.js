import { Unreachable, ask, problemOf } from './http.js';
import { page } from './page.js';

/** @import { Accepted, ApiKey, BatchAnswer, ClientSettings, Conversation, DetailedMessage, LiftedOptOut, Login, Me, Message, NewKey, OptOut, Page, Preview, Push, RevealedWebhook, Sender, Session, Upload, UserSettings, WantedPush, Webhook, WebhookAnswer, WebhookDelivery } from './types.js' */
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

export const logOutEverywhere = () => json('logout', { method: 'POST', query: { everywhere: 'true' } });

/** @returns {Promise<Session[]>} */
export const sessions = () => json('me/sessions');

/** @returns {Promise<Push>} */
export const getPush = () => json('push');

/** @param {WantedPush} wanted */
export const putPush = (wanted) => json('push', { method: 'PUT', body: wanted });

export const stopPush = () => json('push', { method: 'DELETE' });

/** @param {string} id */
export const endSession = (id) => json(`me/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** @returns {Promise<ApiKey[]>} the newest first */
export const keys = () => json('keys');

/** @param {NewKey} wanted @returns {Promise<ApiKey & {key: string}>} */
export const createKey = (wanted) => json('keys', { method: 'POST', body: wanted });

/** @param {string} id */
export const deleteKey = (id) => json(`keys/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** @returns {Promise<Login>} */
export const renew = () => json('me/token', { method: 'POST' });

/** @returns {Promise<Me>} */
export const me = () => json('me');

/** @param {string} old_password @param {string} new_password @returns {Promise<Login>} */
export const changePassword = (old_password, new_password) =>
  json('me/password', { method: 'PUT', body: { old_password, new_password } });

/** @param {string} password */
export const leave = (password) => json('me', { method: 'DELETE', body: { password }, within: 30_000 });

/** @returns {Promise<Webhook[]>} */
export const webhooks = () => json('webhooks');

/** @param {string} id @param {string} [part] */
const webhook = (id, part) => `webhooks/${encodeURIComponent(id)}${part ? `/${part}` : ''}`;

/** @param {{url: string, description: string}} wanted @returns {Promise<RevealedWebhook>} */
export const makeWebhook = (wanted) => json('webhooks', { method: 'POST', body: wanted });

/** @param {string} id @returns {Promise<RevealedWebhook>} */
export const rotateSecret = (id) => json(webhook(id, 'secret'), { method: 'POST', body: {} });

/** @param {string} id @returns {Promise<WebhookAnswer & {duration_ms: number}>} */
export const testWebhook = (id) => json(webhook(id, 'test'), { method: 'POST', within: 30_000 });

/** It goes on where it was. @param {string} id @returns {Promise<Webhook>} */
export const enableWebhook = (id) => json(webhook(id, 'enable'), { method: 'POST', body: { from: 'place' } });

/** @param {string} id @returns {Promise<Webhook>} */
export const disableWebhook = (id) => json(webhook(id, 'disable'), { method: 'POST' });

/** @param {string} id @returns {Promise<WebhookDelivery[]>} the latest first */
export const deliveries = (id) => json(webhook(id, 'deliveries'));

/** @param {string} id */
export const removeWebhook = (id) => json(webhook(id), { method: 'DELETE' });

/** Which conversations are listed. @typedef {'inbox' | 'archived' | 'pinned' | 'unread' | 'failed' | 'waiting'} Show */

/** @param {number} limit @param {string | null} cursor @param {{number?: string, show?: Show}} [which] a part of the number, and which of them; all, unless it is said @returns {Promise<Page<Conversation>>} */
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

/** Brings a file for a text. @param {Blob} file @param {AbortSignal} signal @returns {Promise<Upload>} */
export const upload = (file, signal) => json('uploads', { method: 'POST', file, within: 60_000, signal });

/** @param {string} id */
export const removeUpload = (id) => ask(`uploads/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** What belongs to nobody, for who may see it. @param {number} limit @param {string | null} cursor @returns {Promise<Page<Message>>} newest first */
export const unassigned = (limit, cursor) => page('inbox/unassigned', { query: { order: 'desc', limit, cursor } });

/** @param {string} id @param {'claim' | 'assign'} what */
const ofInbox = (id, what) => `inbox/unassigned/${encodeURIComponent(id)}/${what}`;

/** What somebody wants of our texts. @param {string} number @returns {Promise<OptOut>} */
export const optOut = (number) => json(ofOptOut(number));

/** They want no texts from a sender, or from any. @param {string} number @param {string | null} sender @returns {Promise<OptOut>} */
export const putOptOut = (number, sender) => json(ofOptOut(number), { method: 'PUT', body: sender === null ? {} : { sender } });

/** They want them again. @param {string} number @param {string | null} sender @returns {Promise<LiftedOptOut>} */
export const liftOptOut = (number, sender) => json(ofOptOut(number), { method: 'DELETE', query: sender === null ? {} : { sender } });

/** @param {string} number */
const ofOptOut = (number) => `opt-outs/${encodeURIComponent(number)}`;

/** @param {string} id @returns {Promise<Message>} */
export const claim = (id) => json(ofInbox(id, 'claim'), { method: 'POST' });

/** @param {string} id @param {string} username */
export const assign = (id, username) => ask(ofInbox(id, 'assign'), { method: 'POST', body: { username } });

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

/**
 * @typedef {object} Search
 * @property {string} [q] a part of the text
 * @property {string} [number] a part of the number
 * @property {string} [reference]
 * @property {string} [status] one, or several with commas
 * @property {string} [tag] as `key:value`
 * @property {number} [limit] of a page
 * @property {'outbound' | 'inbound' | 'any'} [direction] which way they went; `outbound`, unless it is said
 */

/** @param {Search} search @param {string | null} cursor @returns {Promise<Page<Message>>} newest first */
export const find = (search, cursor) =>
  page('messages', { query: { limit: 50, ...search, order: 'desc', cursor } });

/** @param {Search} search @param {'text/csv' | 'application/x-ndjson'} kind @returns {Promise<Blob>} */
export async function exported(search, kind) {
  const answer = await ask('messages', { query: { ...search }, headers: { Accept: kind } });
  // A list that was broken off must not pass for a whole one.
  return answer.blob().catch(() => {
    throw new Unreachable();
  });
}

/** All texts that are looked for, one after the other, however many they are. @param {Search} search @param {AbortSignal} signal @returns {AsyncGenerator<Message, void, void>} */
export async function* every(search, signal) {
  const { body } = await ask('messages', { query: { ...search }, headers: { Accept: 'application/x-ndjson' }, signal });
  let rest = '';
  try {
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  } catch {
    // A list that was broken off must not pass for a whole one.
    throw new Unreachable();
  }
}

/** @param {string} user @param {string} id @param {AbortSignal} [signal] @returns {Promise<DetailedMessage>} */
export const details = (user, id, signal) => json(`messages/${user}/${id}`, { signal });

/**
 * A picture or another file of a message, and what it is called.
 *
 * @param {string} user
 * @param {string} id
 * @param {number} index
 * @param {AbortSignal} signal
 * @returns {Promise<{content: Blob, name: string}>}
 */
export async function medium(user, id, index, signal) {
  const answer = await ask(`messages/${user}/${id}/media/${index}`, { signal });
  const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1];
  // What was broken off must not pass for the whole.
  const content = await answer.blob().catch(() => {
    throw new Unreachable();
  });
  return { content, name: name ?? `media-${index}.bin` };
}

/** Repeating it changes nothing. @param {string} user @param {string} id @param {AbortSignal} [signal] @returns {Promise<Message>} */
export const cancel = (user, id, signal) => json(`messages/${user}/${id}/cancel`, { method: 'POST', signal });

/** @param {string} user @param {string} id */
export const remove = (user, id) => json(`messages/${user}/${id}`, { method: 'DELETE' });

/** @param {string} user */
export const removeAll = (user) => json(`messages/${user}`, { method: 'DELETE', within: 60_000 });
