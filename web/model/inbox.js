import { me, unassigned } from '../api/client.js';
import { Problem, sentence } from '../api/http.js';
import { Channel } from '../lib/channel.js';

/** @import { Message } from '../api/types.js' */

/** Texts that are read at a time. */
const PART = 50;

/** As many as the server gives at most. */
const MOST = 200;

/** Changes that come together are read together, within so many milliseconds. */
const TOGETHER = 80;

/** What belongs to nobody, for a user who may see it. */
export class Inbox {
  /** Set while it is about to be read again. @type {number | undefined} */
  #timer;
  #reading = false;
  /** What is being read may be old already. */
  #outdated = false;

  /** Whether the user may see it; that is not known at first. @type {boolean | null} */
  open = null;
  /** @type {'loading' | 'ready' | 'failed'} */
  state = 'loading';
  /** @type {string | null} */
  failure = null;
  /** The newest first. @type {Message[]} */
  texts = [];
  /** Where those begin that are not shown yet. @type {string | null} */
  next = null;
  /** @type {Channel<void>} */
  changes = new Channel();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** @returns {string} how many there are, as far as it is known; empty if there are none */
  count() {
    return this.texts.length === 0 ? '' : `${this.texts.length}${this.next ? '+' : ''}`;
  }

  /** Reads again what is shown, and once more if something changes meanwhile. */
  async load() {
    if (this.#reading) {
      this.#outdated = true;
      return;
    }
    this.#reading = true;
    await this.#read(async () => {
      const { inbox } = await me();
      const limit = Math.min(MOST, Math.max(PART, this.texts.length));
      const page = inbox ? await unassigned(limit, null) : { items: [], next: null };
      [this.open, this.texts, this.next] = [inbox, page.items, page.next];
    });
    this.#reading = false;
    if (this.#outdated) {
      this.#outdated = false;
      this.refresh();
    }
  }

  /** Reads older ones. */
  more() {
    return this.#read(async () => {
      const page = await unassigned(PART, this.next);
      this.texts = [...this.texts, ...page.items];
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

  /** @param {string} id of a text that belongs to somebody now */
  drop(id) {
    this.texts = this.texts.filter((text) => text.id !== id);
    if (this.#reading) this.#outdated = true;
    this.changes.emit();
  }

  /** @param {() => Promise<void>} read */
  async #read(read) {
    try {
      await read();
      this.state = 'ready';
      this.failure = null;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return;
      if (error instanceof Problem && error.status === 403) [this.open, this.texts, this.next] = [false, [], null];
      // What is shown stays; the next connection reads it again.
      if (this.state !== 'ready') this.state = 'failed';
      this.failure = sentence(error);
    }
    if (!this.signal.aborted) this.changes.emit();
  }
}
