import { send } from '../api/client.js';
import { Problem } from '../api/http.js';
import { loggedInAgain } from '../api/session.js';
import { Channel } from '../lib/channel.js';
import { backoff, pause } from '../lib/pause.js';
import { asRequest } from './text.js';

/** @import { Accepted } from '../api/types.js' */
/** @import { Drawer } from '../lib/drawer.js' */
/** @import { Tabs } from '../lib/tabs.js' */
/** @import { Wanted } from './text.js' */

/**
 * What became of it so far.
 *
 * @typedef {object} Standing
 * @property {string} key of this submit: however often it is repeated, the text is sent once
 * @property {string} recipient
 * @property {number} writtenAt
 * @property {'sending' | 'waiting' | 'refused'} state
 * @property {string | null} reason why it waits or was refused, in the server's words
 * @property {string | null} [code] the same, as the server or this client calls it
 * @property {boolean} [inDoubt] a request for it got no answer, so the server may have it
 * @property {{field: string, message: string}[]} [faults] what was wrong with it, by field
 *
 * @typedef {Wanted & Standing} Outgoing a text that the server has not confirmed yet
 */

/** Beyond this a limit is the user's to wait for, in seconds. */
const LONGEST_WAIT = 120;

/** What has waited for longer is sent only if its user says so once more, in milliseconds. */
const LONGEST_REST = 24 * 3_600_000;

/**
 * The texts of a user that the server has not confirmed yet, in all tabs. They outlive them.
 *
 * One tab sends, the others show. Should two tabs send the same text nevertheless, both do it by its one key.
 */
export class Outbox {
  /** @type {Map<string, Outgoing>} */
  #texts = new Map();
  /** What this tab is about to write; what was read before does not count for it. @type {Map<string, number>} */
  #unwritten = new Map();
  /** Where this tab sends at the moment. @type {Set<string>} */
  #busy = new Set();
  /** @type {Map<string, Promise<void>>} */
  #underWay = new Map();
  /** Until when this tab is the one that sends. @type {AbortSignal} */
  #sending = AbortSignal.abort();

  /** Tells whose texts have changed. @type {Channel<string>} */
  changes = new Channel();
  /** @type {Channel<Accepted>} */
  accepted = new Channel();

  /** @param {Outgoing[]} kept @param {Drawer<Outgoing>} drawer @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(kept, drawer, tabs, signal) {
    this.drawer = drawer;
    this.tabs = tabs;
    this.signal = signal;
    this.#take(kept);
    tabs.on('outbox', () => this.#read(), signal);
    tabs.on('accepted', ({ key, accepted }) => this.#settle(key, accepted), signal);
  }

  get size() {
    return this.#texts.size;
  }

  /** Sends, beginning with what earlier pages have left, until `signal`. @param {AbortSignal} signal */
  async start(signal) {
    await this.#read();
    if (signal.aborted) return;
    const now = Date.now();
    for (const text of this.#texts.values()) {
      if (now - text.writtenAt > LONGEST_REST) this.#set(text, 'refused', 'old');
    }
    this.#sending = signal;
    this.#drainAll();
  }

  /** @param {string} recipient @returns {Outgoing[]} in the order in which they were written */
  to(recipient) {
    const all = [...this.#texts.values()].filter((text) => text.recipient === recipient);
    return all.sort((a, b) => a.writtenAt - b.writtenAt);
  }

  /** @returns {Set<string>} to whom something waits */
  recipients() {
    return new Set([...this.#texts.values()].map((text) => text.recipient));
  }

  /** @param {string} recipient @returns {Promise<void>} until no request is under way whose answer names a message */
  settled(recipient) {
    return this.#underWay.get(recipient) ?? Promise.resolve();
  }

  /** @param {string} recipient @param {Wanted} text */
  submit(recipient, text) {
    const last = Math.max(0, ...this.to(recipient).map((other) => other.writtenAt));
    const writtenAt = Math.max(Date.now(), last + 1);
    this.#write({ ...text, key: newKey(), recipient, writtenAt, state: 'sending', reason: null, code: null });
    this.#drain(recipient);
  }

  /** @param {Outgoing} text that was refused */
  again(text) {
    // Its time begins anew, or it would be held back once more.
    this.#write({ ...text, writtenAt: Math.max(text.writtenAt, Date.now()), state: 'sending', reason: null, code: null });
    this.#drain(text.recipient);
  }

  /** @param {Outgoing} text that is not to be sent, unless the server has it already */
  drop({ key, recipient }) {
    this.#texts.delete(key);
    this.#change(key, recipient, () => this.drawer.remove(key));
  }

  #drainAll() {
    for (const recipient of this.recipients()) this.#drain(recipient);
  }

  /** @param {string} recipient */
  async #drain(recipient) {
    const signal = this.#sending;
    if (signal.aborted || this.#busy.has(recipient)) return;
    this.#busy.add(recipient);
    const next = () => this.to(recipient).find((text) => text.state !== 'refused');
    for (let text = next(); text && !signal.aborted; text = next()) await this.#deliver(text.key, signal);
    this.#busy.delete(recipient);
  }

  /** @param {string} key of a text, until it is accepted, refused or dropped @param {AbortSignal} signal */
  async #deliver(key, signal) {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const text = this.#texts.get(key);
      if (!text || text.state === 'refused') return;
      try {
        const accepted = await this.#request(text, signal);
        this.tabs.tell('accepted', { key, accepted });
        this.drop(text);
        this.accepted.emit(accepted);
        return;
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(text, error, tries, signal);
      }
    }
  }

  /** @param {Outgoing} text @param {unknown} error @param {number} tries @param {AbortSignal} signal */
  async #failed(text, error, tries, signal) {
    if (error instanceof Problem && error.status === 401) {
      this.#set(text, 'waiting', 'login');
      await loggedInAgain(signal);
    } else if (error instanceof Problem && isFinal(error)) {
      this.#set({ ...text, faults: error.errors }, 'refused', error);
    } else {
      // Without a network it has not left.
      const inDoubt = text.inDoubt || (navigator.onLine && mayBeDone(error));
      const wait = error instanceof Problem ? (error.retryAfter ?? 0) * 1000 : 0;
      this.#set({ ...text, inDoubt }, 'waiting', error instanceof Problem ? error : 'connection');
      await pause(Math.max(wait, backoff(tries, 30_000)), signal);
    }
  }

  /** @param {Outgoing} text @param {AbortSignal} signal */
  #request(text, signal) {
    const { recipient, key } = text;
    const request = send({ recipient, ...asRequest(text) }, key, signal);
    const settled = request.then(
      () => {},
      () => {},
    );
    this.#underWay.set(recipient, settled);
    settled.then(() => this.#underWay.get(recipient) === settled && this.#underWay.delete(recipient));
    return request;
  }

  /** @param {Outgoing} text @param {Outgoing['state']} state @param {Problem | 'login' | 'connection' | 'old'} why */
  #set(text, state, why) {
    const [code, reason] = why instanceof Problem ? [why.code, why.message] : [why, null];
    const known = this.#texts.get(text.key);
    // It was taken back meanwhile.
    if (!known || (known.state === state && known.code === code && known.reason === reason && known.inDoubt === text.inDoubt)) return;
    this.#write({ ...text, state, code, reason });
  }

  /** @param {Outgoing} text */
  #write(text) {
    this.#texts.set(text.key, text);
    this.#change(text.key, text.recipient, () => this.drawer.put(text.key, text));
  }

  /** Shows a change at once, and tells the others when it is written. @param {string} key @param {string} recipient @param {() => Promise<void>} write */
  async #change(key, recipient, write) {
    if (this.signal.aborted) return;
    this.#unwritten.set(key, (this.#unwritten.get(key) ?? 0) + 1);
    this.changes.emit(recipient);
    await write();
    const left = (this.#unwritten.get(key) ?? 1) - 1;
    if (left > 0) this.#unwritten.set(key, left);
    else this.#unwritten.delete(key);
    if (!this.signal.aborted) this.tabs.tell('outbox');
  }

  /** Reads what other tabs have changed. */
  async #read() {
    const before = new Map(this.#unwritten);
    const kept = await this.drawer.all();
    if (this.signal.aborted || !this.drawer.isSafe) return;
    // What this tab wrote meanwhile may not be in it.
    for (const key of this.#unwritten.keys()) before.set(key, 1);
    this.#take(kept, before);
    this.#drainAll();
  }

  /** @param {Outgoing[]} kept @param {Map<string, number>} [own] keys of those that this tab knows better */
  #take(kept, own = new Map()) {
    const changed = new Set();
    const there = new Set(kept.map((text) => text.key));
    for (const [key, text] of this.#texts) {
      if (there.has(key) || own.has(key)) continue;
      this.#texts.delete(key);
      changed.add(text.recipient);
    }
    for (const text of kept) {
      if (own.has(text.key)) continue;
      this.#texts.set(text.key, text);
      changed.add(text.recipient);
    }
    for (const recipient of changed) this.changes.emit(recipient);
  }

  /** Another tab has sent it. @param {string} key @param {Accepted} accepted */
  #settle(key, accepted) {
    const text = this.#texts.get(key);
    this.#texts.delete(key);
    if (text) this.changes.emit(text.recipient);
    this.accepted.emit(accepted);
  }
}

/** @param {Problem} problem @returns {boolean} the same request would be refused again */
function isFinal({ status, retryAfter }) {
  if (status === 429) return (retryAfter ?? 0) > LONGEST_WAIT;
  return status >= 400 && status < 500 && status !== 408;
}

/** @param {unknown} error @returns {boolean} the server may have done what it did not confirm */
const mayBeDone = (error) => !(error instanceof Problem) || error.status >= 500;

/** @returns {string} `crypto.randomUUID` is only there over TLS and on this machine */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
