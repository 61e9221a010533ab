import { conversations } from '../api/client.js';
import { Listing } from './listing.js';

/** @import { Conversation, Message } from '../api/types.js' */

/** As many as the server gives at most, and as many as are asked for at first. */
const MOST = 200;
const FIRST = 50;

/** With whom the user talks. */
export class Conversations extends Listing {
  /** @type {Map<string, Conversation>} */
  #known = new Map();

  /** @returns {Conversation[]} newest first */
  list() {
    return [...this.#known.values()].sort((a, b) => (a.last_message.position < b.last_message.position ? 1 : -1));
  }

  /** @param {string} number */
  get(number) {
    return this.#known.get(number);
  }

  unread() {
    return this.list().reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  /** @override */
  async readShown() {
    const limit = Math.min(MOST, Math.max(FIRST, this.#known.size));
    const page = await conversations(limit, null);
    this.#known = new Map(page.items.map((conversation) => [conversation.counterpart, this.#latest(conversation)]));
    this.next = page.next;
  }

  /** Reads those before. */
  more() {
    return this.read(async () => {
      const page = await conversations(FIRST, this.next);
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
    // How many are unread, and who wants no texts, only the server can tell.
    if (!known || message.direction === 'inbound' || message.error_code) this.refresh();
    else this.outdate();
  }

  /** @param {string} number whose messages have been seen */
  seen(number) {
    const known = this.#known.get(number);
    if (!known?.unread) return;
    this.#known.set(number, { ...known, unread: 0 });
    this.changes.emit();
  }

  /** The answer may be older than what has been told of its message. @param {Conversation} listed */
  #latest(listed) {
    const known = this.#known.get(listed.counterpart)?.last_message;
    const newer = known?.id === listed.last_message.id && known.version > listed.last_message.version;
    return newer ? { ...listed, last_message: known } : listed;
  }
}
