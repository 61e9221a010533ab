import { thread } from '../api/client.js';
import { Reader } from './listing.js';

/** @import { Message } from '../api/types.js' */

/** What was said with one number, as far as it has been read. */
export class Thread extends Reader {
  /** @type {Map<string, Message>} */
  #messages = new Map();
  /** Gone, so that a late answer does not bring them back. @type {Set<string>} */
  #deleted = new Set();

  /** Where earlier messages begin. @type {string | null} */
  earlier = null;

  /** @param {string} number */
  constructor(number) {
    super();
    this.number = number;
  }

  /** @returns {Message[]} oldest first */
  list() {
    return [...this.#messages.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
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
      const before = new Set(this.#messages.keys());
      const page = await thread(this.number, null);
      const listed = new Set(page.items.map((message) => message.id));
      for (const id of before) if (!listed.has(id)) this.#messages.delete(id);
      for (const message of page.items) this.#put(message);
      this.earlier = page.next;
    });
  }

  /** Reads earlier ones. */
  loadEarlier() {
    return this.read(async () => {
      const page = await thread(this.number, this.earlier);
      for (const message of page.items) this.#put(message);
      this.earlier = page.next;
    });
  }

  /** @param {Message} message that is new or has changed */
  put(message) {
    this.#put(message);
    this.changes.emit();
  }

  /** @param {string} id */
  drop(id) {
    this.#deleted.add(id);
    if (this.#messages.delete(id)) this.changes.emit();
  }

  /** @returns {string | null} the newest message that has not been seen */
  newestUnread() {
    const unread = this.list().filter((message) => message.unread);
    return unread.at(-1)?.id ?? null;
  }

  seen() {
    for (const message of this.#messages.values()) message.unread = false;
  }

  /** Answers and events may overtake each other. @param {Message} message */
  #put(message) {
    const known = this.#messages.get(message.id);
    if (this.#deleted.has(message.id) || (known && known.version > message.version)) return;
    // Lists do not tell when it is likely to leave.
    const isLess = known && message.status === 'queued' && message.expected_at === null;
    const { expected_at, expected_by } = isLess ? known : message;
    this.#messages.set(message.id, { ...message, expected_at, expected_by });
  }
}
