import { send } from '../api/client.js';
import { Problem, sentence } from '../api/http.js';
import { loggedInAgain } from '../api/session.js';
import { Channel } from '../lib/channel.js';
import { backoff, pause } from '../lib/pause.js';
import { recall, remember } from '../lib/storage.js';
import { asRequest } from './text.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Wanted } from './text.js' */

/**
 * What became of it so far.
 *
 * @typedef {object} Standing
 * @property {string} key of this submit: however often it is repeated, the text is sent once
 * @property {string} recipient
 * @property {number} writtenAt
 * @property {'sending' | 'waiting' | 'refused'} state
 * @property {string | null} reason why it waits or was refused
 * @property {{field: string, message: string}[]} [faults] what was wrong with it, by field
 *
 * @typedef {Wanted & Standing} Outgoing a text that the server has not confirmed yet
 */

/** Beyond this a limit is the user's to wait for, in seconds. */
const LONGEST_WAIT = 120;

/** Sends texts one after the other in each conversation, and repeats what got no answer. */
export class Outbox {
  /** @type {Outgoing[]} */
  #texts = recall('outbox') ?? [];
  /** @type {Set<string>} */
  #busy = new Set();
  /** @type {Map<string, Promise<void>>} */
  #underWay = new Map();

  /** Tells whose texts have changed. @type {Channel<string>} */
  changes = new Channel();
  /** @type {Channel<Accepted>} */
  accepted = new Channel();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
  }

  /** Goes on with what an earlier page has left. */
  start() {
    for (const text of this.#texts) this.#drain(text.recipient);
  }

  /** @param {string} recipient */
  to(recipient) {
    return this.#texts.filter((text) => text.recipient === recipient);
  }

  /** @param {string} recipient @returns {Promise<void>} until no request is under way whose answer names a message */
  settled(recipient) {
    return this.#underWay.get(recipient) ?? Promise.resolve();
  }

  /** @param {string} recipient @param {Wanted} text */
  submit(recipient, text) {
    const key = newKey();
    this.#texts.push({ ...text, key, recipient, writtenAt: Date.now(), state: 'sending', reason: null });
    this.#changed(recipient);
    this.#drain(recipient);
  }

  /** @param {Outgoing} text that was refused */
  again(text) {
    text.state = 'sending';
    this.#changed(text.recipient);
    this.#drain(text.recipient);
  }

  /** @param {Outgoing} text */
  drop(text) {
    this.#texts = this.#texts.filter((other) => other.key !== text.key);
    this.#changed(text.recipient);
  }

  /** @param {string} recipient */
  async #drain(recipient) {
    if (this.#busy.has(recipient)) return;
    this.#busy.add(recipient);
    const next = () => this.to(recipient).find((text) => text.state !== 'refused');
    for (let text = next(); text && !this.signal.aborted; text = next()) await this.#deliver(text);
    this.#busy.delete(recipient);
  }

  /** @param {Outgoing} text until it is accepted, refused or dropped */
  async #deliver(text) {
    for (let tries = 0; !this.signal.aborted && this.#texts.includes(text); tries += 1) {
      try {
        const accepted = await this.#request(text);
        if (this.signal.aborted) return;
        this.drop(text);
        this.accepted.emit(accepted);
        return;
      } catch (error) {
        if (this.signal.aborted) return;
        if (error instanceof Problem && error.status === 401) {
          this.#set(text, 'waiting', 'Waits until you have logged in again.');
          await loggedInAgain(this.signal);
        } else if (error instanceof Problem && isFinal(error)) {
          text.faults = error.errors;
          this.#set(text, 'refused', error.message);
          return;
        } else {
          const wait = error instanceof Problem ? (error.retryAfter ?? 0) * 1000 : 0;
          this.#set(text, 'waiting', error instanceof Problem ? sentence(error) : 'Waits for the connection.');
          await pause(Math.max(wait, backoff(tries, 30_000)), this.signal);
        }
      }
    }
  }

  /** @param {Outgoing} text */
  #request(text) {
    const { recipient, key } = text;
    const request = send({ recipient, ...asRequest(text) }, key, this.signal);
    const settled = request.then(
      () => {},
      () => {},
    );
    this.#underWay.set(recipient, settled);
    settled.then(() => this.#underWay.get(recipient) === settled && this.#underWay.delete(recipient));
    return request;
  }

  /** @param {Outgoing} text @param {Outgoing['state']} state @param {string} reason */
  #set(text, state, reason) {
    if (text.state === state && text.reason === reason) return;
    text.state = state;
    text.reason = reason;
    this.#changed(text.recipient);
  }

  /** @param {string} recipient */
  #changed(recipient) {
    if (this.signal.aborted) return;
    remember('outbox', this.#texts.length > 0 ? this.#texts : null);
    this.changes.emit(recipient);
  }
}

/** @param {Problem} problem @returns {boolean} the same request would be refused again */
function isFinal({ status, retryAfter }) {
  if (status === 429) return (retryAfter ?? 0) > LONGEST_WAIT;
  return status >= 400 && status < 500 && status !== 408;
}

/** @returns {string} `crypto.randomUUID` is only there over TLS and on this machine */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
