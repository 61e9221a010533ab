import { conversations } from '../api/client.js';
import { mark } from '../api/people.js';
import { Listing, PART } from './listing.js';

/** @import { Show } from '../api/client.js' */
/** @import { Conversation, Message } from '../api/types.js' */
/** @import { Tabs } from '../lib/tabs.js' */

/** @typedef {{pinned?: boolean, archived?: boolean, unread?: boolean}} Marks */

/** With whom the user talks: all that is not put aside, or what else is to be shown. */
export class Conversations extends Listing {
  /** @type {Map<string, Conversation>} */
  #known = new Map();
  /** Those among them that a page further on has, too. @type {Set<string>} */
  #pinned = new Set();

  /** @param {Tabs} tabs @param {AbortSignal} signal @param {Show | null} [show] null if it is not one of the server's lists */
  constructor(tabs, signal, show = 'inbox') {
    super(signal);
    this.tabs = tabs;
    this.show = show;
    tabs.on('marks', () => this.refresh(), signal);
  }

  /** @returns {Conversation[]} those that are pinned first, then newest first */
  list() {
    const isLater = (/** @type {Conversation} */ a, /** @type {Conversation} */ b) => (a.last_message.position < b.last_message.position ? 1 : -1);
    const first = (/** @type {Conversation} */ { pinned }) => Number(pinned && this.show === 'inbox');
    return [...this.#known.values()].sort((a, b) => first(b) - first(a) || isLater(a, b));
  }

  /** What can be shown: until it is read, what was there the last time. @returns {readonly Conversation[]} */
  shown() {
    return this.before?.items ?? this.list();
  }

  /** @param {string} number */
  get(number) {
    return this.#known.get(number);
  }

  unread() {
    return this.list().reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  /** Notes something on a conversation, and shows it here and in all other tabs. @param {string} number @param {Marks} marks */
  async mark(number, marks) {
    const known = await mark(number, marks);
    this.tabs.tell('marks');
    this.refresh();
    return known;
  }

  /** @override @returns {Promise<void>} */
  async readShown() {
    const { show } = this;
    const shown = () => this.#known.size - this.#pinned.size;
    const { items, next } = await this.readPages((limit, cursor) => conversations(limit, cursor, { show }), shown);
    const listed = new Set(items.map(({ counterpart }) => counterpart));
    // What is pinned may be far down.
    const pinned = show === 'inbox' && next ? (await conversations(PART, null, { show: 'pinned' })).items : [];
    // More were asked for while those were read.
    if (next && shown() > items.length) return this.readShown();
    const above = pinned.filter(({ archived, counterpart }) => !archived && !listed.has(counterpart));
    this.keep([...above, ...items]);
    this.#pinned = new Set(above.map(({ counterpart }) => counterpart));
    this.next = next;
  }

  /** Takes what was read in the place of all that was known. @param {Conversation[]} items */
  keep(items) {
    this.#known = new Map(items.map((conversation) => [conversation.counterpart, this.#latest(conversation)]));
  }

  /** Reads those before. */
  more() {
    return this.read(async () => {
      const page = await conversations(PART, this.next, { show: this.show });
      for (const conversation of page.items) this.#known.set(conversation.counterpart, conversation);
      this.next = page.next;
    });
  }

  /** @param {Message} message that is new or has changed */
  touch(message) {
    const known = this.#known.get(message.counterpart);
    // One that goes out later than it was written moves to the end.
    if (known && (known.last_message.id === message.id || known.last_message.position <= message.position)) {
      this.#known.set(message.counterpart, { ...known, last_message: message });
      this.changes.emit();
    }
    // How many are unread, who wants no texts, and what else is among these, only the server can tell.
    if (!known || message.direction === 'inbound' || message.error_code || this.show !== 'inbox') this.refresh();
    else this.outdate();
  }

  /** @param {string} number whose messages have been seen */
  seen(number) {
    const known = this.#known.get(number);
    if (!known?.unread && !known?.marked_unread) return;
    this.#known.set(number, { ...known, unread: 0, marked_unread: false });
    this.changes.emit();
  }

  /** The answer may be older than what has been told of its message. @param {Conversation} listed */
  #latest(listed) {
    const known = this.#known.get(listed.counterpart)?.last_message;
    const newer = known?.id === listed.last_message.id && known.version > listed.last_message.version;
    return newer ? { ...listed, last_message: known } : listed;
  }
}
