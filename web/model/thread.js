import { thread } from '../api/client.js';
import { Reader } from './listing.js';

/** @import { Message } from '../api/types.js' */

/** Messages that are read at a time, and as many as the server gives at most. */
const PART = 50;
const MOST = 200;

/** Of what was said before the first unread message a little is read along. */
const BEFORE = 10;

/** Where a message stands in its conversation. @param {Message} message */
export const placeOf = (message) => message.id;

/** What was said with one number: a stretch of it without gaps, which begins and ends where it was read. */
export class Thread extends Reader {
  /** @type {Map<string, Message>} */
  #messages = new Map();
  /** The same in their order, until something changes. @type {Message[] | null} */
  #sorted = null;
  /** Gone, so that a late answer does not bring them back. @type {Set<string>} */
  #deleted = new Set();
  /** What is told while the stretch is read anew, for each such reading. @type {Set<Message[]>} */
  #heard = new Set();
  /** @type {Promise<void> | null} */
  #reading = null;

  /** Where earlier messages begin; null if there are none. @type {string | null} */
  earlier = null;

  /** @param {string} number @param {() => number} [unread] how many are unread, as far as it is known */
  constructor(number, unread = () => 0) {
    super();
    this.number = number;
    this.unread = unread;
  }

  /** @returns {readonly Message[]} oldest first */
  list() {
    this.#sorted ??= [...this.#messages.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    return this.#sorted;
  }

  /** @param {string} id */
  get(id) {
    return this.#messages.get(id);
  }

  /** @param {string} id */
  isDeleted(id) {
    return this.#deleted.has(id);
  }

  /** Reads the newest ones. The answer may be older than what has been told meanwhile, of which nothing is taken back. */
  load() {
    return this.read(async () => {
      /** @type {Message[]} */
      const heard = [];
      this.#heard.add(heard);
      const limit = Math.min(MOST, Math.max(PART, this.unread() + BEFORE));
      const page = await thread(this.number, null, limit).finally(() => this.#heard.delete(heard));
      this.#keepOnly(new Set(page.items.map((message) => message.id)));
      this.earlier = page.next;
      for (const message of page.items) this.#put(message);
      for (const message of heard) if (this.#covers(message.id, true)) this.#put(message);
    });
  }

  /** Reads earlier ones. */
  loadEarlier() {
    this.#reading ??= this.#readEarlier().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readEarlier() {
    const cursor = this.earlier;
    if (!cursor) return;
    await this.read(async () => {
      const page = await thread(this.number, cursor, PART);
      // It was read anew meanwhile, and begins elsewhere now.
      if (this.earlier !== cursor) return;
      this.earlier = page.next;
      for (const message of page.items) this.#put(message);
    });
  }

  /** @param {Message} message that is new or has changed; nothing comes of one outside the stretch */
  put(message) {
    for (const heard of this.#heard) heard.push(message);
    if (!this.#covers(message.id, this.state === 'ready')) return;
    this.#put(message);
    this.changes.emit();
  }

  /** @param {string} id */
  drop(id) {
    this.#deleted.add(id);
    this.#messages.delete(id);
    this.#sorted = null;
    this.changes.emit();
  }

  /** @returns {Message | undefined} the oldest message that has not been seen */
  firstUnread() {
    return this.list().find((message) => message.unread);
  }

  /** @param {string} [upTo] a message's id @returns {Message | undefined} the newest message that has not been seen, up to one of them */
  lastUnread(upTo) {
    return this.list().findLast((message) => message.unread && (upTo === undefined || message.id <= upTo));
  }

  /** @param {string} upTo the last message that has been seen */
  seen(upTo) {
    for (const message of this.#messages.values()) {
      if (message.unread && message.id <= upTo) this.#messages.set(message.id, { ...message, unread: false });
    }
    this.#sorted = null;
    this.changes.emit();
  }

  /**
   * Whether a message belongs into the stretch. Until the first one is read, whatever is told is shown.
   *
   * @param {string} id
   * @param {boolean} isRead
   */
  #covers(id, isRead) {
    const first = this.list()[0];
    return !isRead || this.earlier === null || (first !== undefined && id >= first.id);
  }

  /** @param {Set<string>} ids */
  #keepOnly(ids) {
    for (const id of this.#messages.keys()) if (!ids.has(id)) this.#messages.delete(id);
    this.#sorted = null;
  }

  /** Answers and events may overtake each other. @param {Message} message */
  #put(message) {
    const known = this.#messages.get(message.id);
    if (this.#deleted.has(message.id) || (known && known.version > message.version)) return;
    // Lists do not tell when it is likely to leave.
    const isLess = known && message.status === 'queued' && message.expected_at === null;
    const { expected_at, expected_by } = isLess ? known : message;
    this.#messages.set(message.id, { ...message, expected_at, expected_by });
    this.#sorted = null;
  }
}
