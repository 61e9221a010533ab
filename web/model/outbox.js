import { loggedInAgain } from '../api/session.js';
import { Channel } from '../lib/channel.js';
import { backoff, pause } from '../lib/pause.js';
import { after, handOver, isLoggedOut, waitOf } from './handing.js';
import { Texts } from './texts.js';

/** @import { Problem } from '../api/http.js' */
/** @import { Accepted, Message } from '../api/types.js' */
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
 * @property {string} [batch] what all that are handed over together have in common
 * @property {string} [replaces] the id of a text that must not be sent any more before this one is
 * @property {boolean} [hasAsked] that text was waiting, and may have been taken back for this one since
 *
 * @typedef {Wanted & Standing} Outgoing a text that the server has not confirmed yet
 */

/** With this begins the key of a text that is sent in the place of another one, whose id follows. */
const INSTEAD = 'web-instead-of-';

/** As many as one request may have. */
const MOST = 1000;

/** What has waited for longer is sent only if its user says so once more, in milliseconds. */
const LONGEST_REST = 24 * 3_600_000;

/**
 * The texts of a user that the server has not confirmed yet, in all tabs. They outlive them.
 *
 * One tab sends, the others show. Should two tabs send the same text nevertheless, both do it by its one key.
 */
export class Outbox {
  #texts = new Texts();
  /** What this tab is about to write; what was read before does not count for it. @type {Map<string, number>} */
  #unwritten = new Map();
  /** Where this tab sends at the moment. @type {Set<string>} */
  #busy = new Set();
  /** @type {Map<string, Promise<void>>} */
  #underWay = new Map();
  /** Until when this tab is the one that sends. @type {AbortSignal} */
  #sending = AbortSignal.abort();

  /** Tells whose texts have changed; null if several have. @type {Channel<string | null>} */
  changes = new Channel();
  /** @type {Channel<Accepted>} */
  accepted = new Channel();
  /** Texts that others replace. @type {Channel<Message>} */
  canceled = new Channel();

  /** @param {Outgoing[]} kept @param {Drawer<Outgoing>} drawer @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(kept, drawer, tabs, signal) {
    this.drawer = drawer;
    this.tabs = tabs;
    this.signal = signal;
    this.#take(kept);
    tabs.on('outbox', () => this.#read(), signal);
    tabs.on('accepted', (all) => this.#settle(all), signal);
  }

  get size() {
    return this.#texts.size;
  }

  /** Sends, beginning with what earlier pages have left, until `signal`. @param {AbortSignal} signal */
  async start(signal) {
    await this.#read();
    if (signal.aborted) return;
    const now = Date.now();
    const old = this.#texts.values().filter((text) => now - text.writtenAt > LONGEST_REST);
    this.#set(old.map((text) => ({ ...text, state: 'refused', code: 'old', reason: null })));
    this.#sending = signal;
    this.#drainAll();
  }

  /** @param {string} recipient @returns {Outgoing[]} in the order in which they were written */
  to(recipient) {
    return this.#texts.to(recipient);
  }

  /** @returns {Set<string>} to whom something waits */
  recipients() {
    return this.#texts.recipients();
  }

  /** @param {(text: Outgoing) => boolean} is @returns {Outgoing[]} those of which it holds */
  those(is) {
    return this.#texts.values().filter(is);
  }

  /** @param {string} recipient @returns {Promise<void>} until no request is under way whose answer names a message */
  settled(recipient) {
    return this.#underWay.get(recipient) ?? Promise.resolve();
  }

  /** @param {string} recipient @param {Wanted} text */
  submit(recipient, text) {
    this.#write([this.#made(recipient, text)]);
    this.#drain(recipient);
  }

  /** Sends one text to several, together. @param {string[]} recipients @param {Wanted} text @param {string} batch by which they are known */
  async submitAll(recipients, text, batch) {
    // None of them leaves before all are kept.
    await this.#write(recipients.map((recipient) => ({ ...this.#made(recipient, text), batch })));
    this.#drainAll();
  }

  /**
   * Sends a text in the place of one that waits, which is taken back before. Nothing is asked of the server until
   * the new one is kept, so whatever breaks off, one of them is sent.
   *
   * @param {string} recipient
   * @param {Wanted} text
   * @param {string} id of the one that waits
   * @returns {Promise<boolean>} false if this browser keeps nothing, and so nothing was done
   */
  async replace(recipient, text, id) {
    // Whoever changes the same text elsewhere has the same key, with which the server takes one of them.
    const next = { ...this.#made(recipient, text), key: `${INSTEAD}${id}`, replaces: id };
    await this.drawer.put(next.key, next);
    if (!this.drawer.isSafe) return false;
    await this.#write([next]);
    this.#drain(recipient);
    return true;
  }

  /** @param {Outgoing} text that was refused */
  again(text) {
    // Its time begins anew, or it would be held back once more.
    this.#write([{ ...text, writtenAt: Math.max(text.writtenAt, Date.now()), state: 'sending', reason: null, code: null }]);
    this.#drain(text.recipient);
  }

  /** @param {...Outgoing} texts that are not to be sent, unless the server has them already */
  drop(...texts) {
    const keys = texts.map(({ key }) => key);
    for (const key of keys) this.#texts.remove(key);
    return this.#change(texts, () => this.drawer.removeAll(keys));
  }

  /**
   * Drops a text that replaces another one, unless that may be cancelled for it at this moment.
   *
   * @param {Outgoing} text
   * @param {(now: Outgoing) => boolean} may looks at it as it is then
   * @returns {Promise<boolean>} whether it is dropped
   */
  async dropIf(text, may) {
    const isGone = await this.drawer.removeIf(text.key, may);
    if (isGone) await this.drop(text);
    return isGone;
  }

  /** @param {string} recipient @param {Wanted} text @returns {Outgoing} */
  #made(recipient, text) {
    const last = this.to(recipient).at(-1)?.writtenAt ?? 0;
    return { ...text, key: newKey(), recipient, writtenAt: Math.max(Date.now(), last + 1), state: 'sending', reason: null, code: null };
  }

  #drainAll() {
    for (const recipient of this.recipients()) this.#drain(recipient);
  }

  /** @param {string} recipient */
  async #drain(recipient) {
    const signal = this.#sending;
    while (!signal.aborted && !this.#busy.has(recipient)) {
      const group = this.#group(recipient);
      if (group.length === 0) return;
      for (const text of group) this.#busy.add(text.recipient);
      await this.#deliver(group.map(({ key }) => key), signal);
      for (const text of group) this.#busy.delete(text.recipient);
      for (const text of group) if (text.recipient !== recipient) this.#drain(text.recipient);
    }
  }

  /** What is handed over next: the first text to somebody, with those of its batch that are the first, too. @param {string} recipient */
  #group(recipient) {
    const first = this.#first(recipient);
    if (!first?.batch) return first ? [first] : [];
    const isNext = (/** @type {Outgoing} */ text) =>
      text.batch === first.batch && !this.#busy.has(text.recipient) && this.#first(text.recipient)?.key === text.key;
    return this.those(isNext).slice(0, MOST);
  }

  /** @param {string} recipient */
  #first(recipient) {
    return this.to(recipient).find((text) => text.state !== 'refused');
  }

  /** @param {string[]} keys of texts, until each is accepted, refused or dropped @param {AbortSignal} signal */
  async #deliver(keys, signal) {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const texts = keys.flatMap((key) => this.#texts.get(key) ?? []).filter(({ state }) => state !== 'refused');
      if (texts.length === 0) return;
      const outcomes = await this.#request(texts, signal).catch((error) => texts.map(() => error));
      /** @type {{key: string, accepted: Accepted}[]} */
      const accepted = [];
      /** @type {{text: Outgoing, error: unknown}[]} */
      const failed = [];
      for (const [place, text] of texts.entries()) {
        const outcome = outcomes[place];
        if (outcome instanceof Error) failed.push({ text, error: outcome });
        else if (outcome) accepted.push({ key: text.key, accepted: outcome });
      }
      if (accepted.length > 0) {
        this.tabs.tell('accepted', accepted);
        this.drop(...texts.filter(({ key }) => accepted.some((one) => one.key === key)));
        for (const one of accepted) this.accepted.emit(one.accepted);
      }
      if (signal.aborted || failed.length === 0) return;
      await this.#failed(failed, tries, signal);
    }
  }

  /** @param {{text: Outgoing, error: unknown}[]} failed @param {number} tries @param {AbortSignal} signal */
  async #failed(failed, tries, signal) {
    // As they are now: what one of them replaces may have been taken back since.
    this.#set(
      failed.flatMap(({ text: { key }, error }) => {
        const text = this.#texts.get(key);
        return text ? [after(text, error)] : [];
      }),
    );
    if (failed.some(({ error }) => isLoggedOut(error))) return loggedInAgain(signal);
    const waits = failed.flatMap(({ error }) => waitOf(error) ?? []);
    if (waits.length > 0) await pause(Math.max(...waits, backoff(tries, 30_000)), signal);
  }

  /** @param {Outgoing[]} texts @param {AbortSignal} signal */
  #request(texts, signal) {
    const request = this.#replaceAndSend(texts, signal);
    const settled = request.then(
      () => {},
      () => {},
    );
    for (const { recipient } of texts) this.#underWay.set(recipient, settled);
    settled.then(() => {
      for (const { recipient } of texts) if (this.#underWay.get(recipient) === settled) this.#underWay.delete(recipient);
    });
    return request;
  }

  /** @param {Outgoing[]} texts @param {AbortSignal} signal @returns {Promise<(Accepted | Problem)[]>} */
  async #replaceAndSend(texts, signal) {
    for (const text of texts) {
      const { key, replaces, hasAsked } = text;
      if (replaces === undefined) continue;
      const instead = await import('./instead.js');
      if (!hasAsked) {
        await instead.requireWaiting(this.drawer.user, replaces, signal);
        await instead.requireAcceptable(text, signal);
        // Kept before it is asked, so that a cancellation which somebody else asked for is never taken for this one's,
        // and whoever wants to discard the text knows of it.
        const kept = await this.drawer.update(key, (now) => ({ ...now, hasAsked: true }));
        // Another tab has discarded it.
        if (!kept && this.drawer.isSafe) this.#texts.remove(key);
        if (!(await this.#note(key, { hasAsked: true }))) return [];
      }
      const canceled = await instead.withdraw(this.drawer.user, replaces, signal);
      if (canceled) this.canceled.emit(canceled);
      // It was taken back meanwhile.
      if (!(await this.#note(key, { replaces: undefined }))) return [];
    }
    return handOver(texts, signal);
  }

  /** Keeps more about a text, and says whether it is still there. @param {string} key @param {Partial<Outgoing>} more */
  async #note(key, more) {
    const text = this.#texts.get(key);
    if (text) await this.#write([{ ...text, ...more }]);
    return text !== undefined;
  }

  /** What has changed of texts that are still there. @param {Outgoing[]} texts */
  #set(texts) {
    const changed = texts.filter((text) => {
      const known = this.#texts.get(text.key);
      return known && !(known.state === text.state && known.code === text.code && known.reason === text.reason && known.inDoubt === text.inDoubt);
    });
    if (changed.length > 0) this.#write(changed);
  }

  /** @param {Outgoing[]} texts */
  #write(texts) {
    for (const text of texts) this.#texts.put(text);
    return this.#change(texts, () => this.drawer.putAll(texts.map((text) => [text.key, text])));
  }

  /** Shows a change at once, and tells the others when it is written. @param {Outgoing[]} texts @param {() => Promise<void>} write */
  async #change(texts, write) {
    if (this.signal.aborted) return;
    for (const { key } of texts) this.#unwritten.set(key, (this.#unwritten.get(key) ?? 0) + 1);
    this.#tell(texts.map(({ recipient }) => recipient));
    await write();
    for (const { key } of texts) {
      const left = (this.#unwritten.get(key) ?? 1) - 1;
      if (left > 0) this.#unwritten.set(key, left);
      else this.#unwritten.delete(key);
    }
    if (!this.signal.aborted) this.tabs.tell('outbox');
  }

  /** @param {string[]} recipients whose texts have changed */
  #tell(recipients) {
    const [first] = recipients;
    if (first !== undefined) this.changes.emit(recipients.length > 1 ? null : first);
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
    for (const { key, recipient } of this.#texts.values()) {
      if (there.has(key) || own.has(key)) continue;
      this.#texts.remove(key);
      changed.add(recipient);
    }
    for (const text of kept) {
      if (own.has(text.key)) continue;
      this.#texts.put(text);
      changed.add(text.recipient);
    }
    this.#tell([...changed]);
  }

  /** Another tab has sent them. @param {{key: string, accepted: Accepted}[]} all */
  #settle(all) {
    const gone = all.flatMap(({ key }) => this.#texts.remove(key) ?? []);
    this.#tell(gone.map(({ recipient }) => recipient));
    for (const { accepted } of all) this.accepted.emit(accepted);
  }
}

/** Whether a text is sent in the place of another one, which may be cancelled by now. @param {Outgoing} text */
export const isInstead = ({ key }) => key.startsWith(INSTEAD);

/** @returns {string} `crypto.randomUUID` is only there over TLS and on this machine */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
