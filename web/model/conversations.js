import { conversations } from '../api/client.js';
import { Problem, sentence } from '../api/http.js';
import { Channel } from '../lib/channel.js';

/** @import { Conversation, Message } from '../api/types.js' */

/** As many as the server gives at most, and as many as are asked for at first. */
const MOST = 200;
const FIRST = 50;

/** Changes that come together are read together, within so many milliseconds. */
const TOGETHER = 80;

/** With whom the user talks. */
export class Conversations {
  /** @type {Map<string, Conversation>} */
  #known = new Map();
  /** Set while it is about to be read again. @type {number | undefined} */
  #timer;
  #reading = false;
  /** What is being read may be old already. */
  #outdated = false;

  /** @type {'loading' | 'ready' | 'failed'} */
  state = 'loading';
  /** @type {string | null} */
  failure = null;
  /** Where those begin that are not shown yet. @type {string | null} */
  next = null;
  /** @type {Channel<void>} */
  changes = new Channel();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** @returns {Conversation[]} newest first */
  list() {
    return [...this.#known.values()].sort((a, b) => (a.last_message.id < b.last_message.id ? 1 : -1));
  }

  /** @param {string} number */
  get(number) {
    return this.#known.get(number);
  }

  unread() {
    return this.list().reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  /** Reads again what is shown, and once more if something changes meanwhile. */
  async load() {
    if (this.#reading) {
      this.#outdated = true;
      return;
    }
    this.#reading = true;
    const limit = Math.min(MOST, Math.max(FIRST, this.#known.size));
    await this.#read(async () => {
      const page = await conversations(limit, null);
      this.#known = new Map(page.items.map((conversation) => [conversation.counterpart, this.#latest(conversation)]));
      this.next = page.next;
    });
    this.#reading = false;
    if (this.#outdated) {
      this.#outdated = false;
      this.refresh();
    }
  }

  /** Reads those before. */
  more() {
    return this.#read(async () => {
      const page = await conversations(FIRST, this.next);
      for (const conversation of page.items) this.#known.set(conversation.counterpart, conversation);
      this.next = page.next;
    });
  }

  /** Reads again soon. */
  refresh() {
    if (this.signal.aborted) return;
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined;
      this.load();
    }, TOGETHER);
  }

  /** @param {Message} message that is new or has changed */
  touch(message) {
    const known = this.#known.get(message.counterpart);
    if (known && known.last_message.id <= message.id) {
      this.#known.set(message.counterpart, { ...known, last_message: message });
      this.changes.emit();
    }
    // How many are unread, and who wants no texts, only the server can tell.
    if (!known || message.direction === 'inbound' || message.error_code) this.refresh();
    else if (this.#reading) this.#outdated = true;
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

  /** @param {() => Promise<void>} read */
  async #read(read) {
    try {
      await read();
      this.state = 'ready';
      this.failure = null;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return;
      // What is shown stays; the next connection reads it again.
      if (this.state !== 'ready') this.state = 'failed';
      this.failure = sentence(error);
    }
    if (!this.signal.aborted) this.changes.emit();
  }
}
