import { around, thread } from '../api/client.js';
import { Problem } from '../api/http.js';
import { MOST, PART, Reader } from './listing.js';

/** @import { Message, Page } from '../api/types.js' */

/** As many are read at the most to find the first unread one. */
const FURTHEST = 5000;

/** Of what was said before the first unread message a little is read along. */
const BEFORE = 10;

/** Where a message stands in its conversation. @param {Message} message */
export const placeOf = (message) => message.position;

/** Whether there are unread texts before these. @param {Message[]} items the newest first @param {number} unread how many there are in all, as far as it is known */
const mayHaveMore = (items, unread) => Boolean(items.at(-1)?.unread) || items.filter((message) => message.unread).length < unread;

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
  /** The latest of such readings, which alone counts; 0 if there was none. */
  #latest = 0;
  /** What is being read beside the stretch. @type {{earlier: Promise<void> | null, later: Promise<void> | null}} */
  #reading = { earlier: null, later: null };

  /** Where earlier messages begin; null if there are none. @type {string | null} */
  earlier = null;
  /** Where later ones begin. @type {string | null} */
  later = null;
  /** The message that is looked at, around which the stretch is read anew; null if that is the end. @type {string | null} */
  focus = null;

  /** @param {string} number @param {() => number} [unread] how many are unread, as far as it is known */
  constructor(number, unread = () => 0) {
    super();
    this.number = number;
    this.unread = unread;
  }

  /** @returns {readonly Message[]} in their order */
  list() {
    this.#sorted ??= [...this.#messages.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    return this.#sorted;
  }

  /** What can be shown: until it is read, what was there the last time as well. @returns {readonly Message[]} in their order */
  shown() {
    if (!this.before) return this.list();
    const last = this.before.items.filter(({ id }) => !this.#deleted.has(id) && !this.#messages.has(id));
    return [...last, ...this.list()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  }

  /** @param {string} id */
  get(id) {
    return this.#messages.get(id);
  }

  /** @param {string} id */
  isDeleted(id) {
    return this.#deleted.has(id);
  }

  /** Goes to where a message is, or to the end, unless that is known. @param {string | null} id */
  goTo(id) {
    this.focus = id;
    if (this.#latest > 0 && (id === null ? this.later === null : this.#messages.has(id))) {
      // What is being read may be about where one was.
      if (this.#heard.size > 0) this.load();
      return;
    }
    this.state = 'loading';
    this.#messages.clear();
    this.#sorted = null;
    this.load();
  }

  /** Reads what is looked at. The answer may be older than what has been told meanwhile, of which nothing is taken back. */
  async load() {
    this.#latest += 1;
    const reading = this.#latest;
    /** @type {Message[]} */
    const heard = [];
    this.#heard.add(heard);
    const asked = this.#page().finally(() => this.#heard.delete(heard));
    await asked.catch(() => {});
    if (reading !== this.#latest) return;
    await this.read(async () => {
      const page = await asked;
      this.#keepOnly(new Set(page.items.map((message) => message.id)));
      this.earlier = page.previous;
      this.later = page.next;
      for (const message of page.items) this.#put(message);
      for (const message of heard) this.#take(message, true);
    });
  }

  /** @returns {Promise<Page<Message>>} oldest first */
  async #page() {
    const { focus } = this;
    if (focus !== null) {
      const page = await around(this.number, focus, 2 * PART).catch((error) => {
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      });
      if (page) return page;
      this.focus = null;
    }
    const limit = Math.min(MOST, Math.max(PART, this.unread() + BEFORE));
    const { items, next } = await thread(this.number, 'desc', null, limit);
    let previous = next;
    // There may be more of them than are given at a time, and texts of ours between them.
    while (previous && items.length < FURTHEST && mayHaveMore(items, this.unread())) {
      const page = await thread(this.number, 'desc', previous, MOST);
      items.push(...page.items);
      previous = page.next;
    }
    return { items, previous, next: null };
  }

  /** Reads earlier ones. */
  loadEarlier() {
    return this.#more('earlier', 'desc');
  }

  /** Reads later ones. */
  loadLater() {
    return this.#more('later', 'asc');
  }

  /** @param {'earlier' | 'later'} side @param {'asc' | 'desc'} order */
  #more(side, order) {
    this.#reading[side] ??= this.#readMore(side, order).finally(() => (this.#reading[side] = null));
    return this.#reading[side];
  }

  /** @param {'earlier' | 'later'} side @param {'asc' | 'desc'} order */
  async #readMore(side, order) {
    const cursor = this[side];
    if (!cursor) return;
    await this.read(async () => {
      /** @type {Message[]} */
      const heard = [];
      this.#heard.add(heard);
      const page = await thread(this.number, order, cursor, PART).finally(() => this.#heard.delete(heard));
      // It was read anew meanwhile, and ends elsewhere now.
      if (this[side] !== cursor) return;
      this[side] = page.next;
      for (const message of page.items) this.#put(message);
      for (const message of heard) this.#take(message, true);
    });
  }

  /** @param {Message} message that is new or has changed; nothing comes of one outside the stretch */
  put(message) {
    for (const heard of this.#heard) heard.push(message);
    if (this.#take(message, this.state === 'ready')) this.changes.emit();
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

  /** @param {string} upTo a place, as ids are none: what was written before and has gone out since stands behind later ones @returns {Message | undefined} the newest message that has not been seen, up to there */
  lastUnread(upTo) {
    return this.list().findLast((message) => message.unread && placeOf(message) <= upTo);
  }

  /** @param {string} upTo the place of the last message that has been seen */
  seen(upTo) {
    for (const message of this.#messages.values()) {
      if (message.unread && placeOf(message) <= upTo) this.#messages.set(message.id, { ...message, unread: false });
    }
    this.#sorted = null;
    this.changes.emit();
  }

  /**
   * @param {Message} message
   * @param {boolean} isRead until the first stretch is read, whatever is told is shown
   * @returns {boolean} whether something changed
   */
  #take(message, isRead) {
    const isShown = !isRead || this.#covers(message);
    if (isShown) this.#put(message);
    // It has gone to another place.
    else if (this.#isNews(message) && this.#messages.delete(message.id)) this.#sorted = null;
    else return false;
    return true;
  }

  /** Whether a message belongs into the stretch. @param {Message} message */
  #covers(message) {
    const others = this.list().filter((other) => other.id !== message.id);
    const [first, last] = [others[0], others.at(-1)];
    const place = placeOf(message);
    const isAfter = this.earlier === null || (first !== undefined && place >= placeOf(first));
    return isAfter && (this.later === null || (last !== undefined && place <= placeOf(last)));
  }

  /** @param {Set<string>} ids */
  #keepOnly(ids) {
    for (const id of this.#messages.keys()) if (!ids.has(id)) this.#messages.delete(id);
    this.#sorted = null;
  }

  /** Answers and events may overtake each other. @param {Message} message */
  #isNews({ id, version }) {
    const known = this.#messages.get(id);
    return !this.#deleted.has(id) && !(known && known.version > version);
  }

  /** @param {Message} message */
  #put(message) {
    if (!this.#isNews(message)) return;
    const known = this.#messages.get(message.id);
    // Lists do not tell when it is likely to leave, nor what keeps it.
    const isTold = message.status !== 'queued' || 'paused' in message || message.expected_at !== null;
    const { expected_at, expected_by } = (!isTold && known) || message;
    this.#messages.set(message.id, { ...(!isTold && known), ...message, expected_at, expected_by });
    this.#sorted = null;
  }
}
