import { Problem, sentence } from '../api/http.js';
import { Channel } from '../lib/channel.js';

/** @import { Page } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */

/** As many as the server gives at a time at most, and as many as are asked for at first. */
export const MOST = 200;
export const PART = 50;

/** Changes that come together are read together, within so many milliseconds. */
const TOGETHER = 80;

/** What is read of the server, and whether that worked. */
export class Reader {
  /** @type {'loading' | 'ready' | 'failed'} */
  state = 'loading';
  /** @type {Said | null} */
  failure = null;
  /** @type {Channel<void>} */
  changes = new Channel();
  /** What was there the last time, which is shown until it is read, and stands for nothing else. @type {{at: number, items: readonly any[]} | null} */
  before = null;

  /** @param {AbortSignal} [signal] nobody is told any more once it ends */
  constructor(signal) {
    this.signal = signal;
  }

  /** Reads, and tells whoever watches what came of it. @param {() => Promise<void>} read */
  async read(read) {
    try {
      await read();
      this.state = 'ready';
      this.before = null;
      this.failure = null;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return;
      this.failed(error);
    }
    if (!this.signal?.aborted) this.changes.emit();
  }

  /** What is shown stays; the next connection reads it again. @param {unknown} error */
  failed(error) {
    if (this.state !== 'ready') this.state = 'failed';
    this.failure = sentence(error);
  }
}

/** A list of which as much is read as is shown, again whenever it may have changed. */
export class Listing extends Reader {
  /** Set while it is about to be read again. @type {number | undefined} */
  #timer;
  #reading = false;
  /** What is being read may be old already. */
  #outdated = false;

  /** Where those begin that are not shown yet. @type {string | null} */
  next = null;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    super(signal);
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** Reads as much as is shown. @abstract @returns {Promise<void>} */
  readShown() {
    throw new Error('each list is read in its own way');
  }

  /**
   * Reads pages until they have as many as are shown, which may become more meanwhile.
   *
   * @template T
   * @param {(limit: number, cursor: string | null) => Promise<Page<T>>} page
   * @param {() => number} shown
   * @returns {Promise<{items: T[], next: string | null}>}
   */
  async readPages(page, shown) {
    const left = () => Math.max(PART, shown()) - items.length;
    /** @type {T[]} */
    const items = [];
    /** @type {string | null} */
    let next = null;
    do {
      const part = await page(Math.min(MOST, left()), next);
      items.push(...part.items);
      next = part.next;
    } while (next && left() > 0);
    return { items, next };
  }

  /** Reads again what is shown, and once more if something changes meanwhile. */
  async load() {
    if (this.#reading) {
      this.#outdated = true;
      return;
    }
    this.#reading = true;
    await this.read(() => this.readShown());
    this.#reading = false;
    if (this.#outdated) {
      this.#outdated = false;
      this.refresh();
    }
  }

  /** Reads again soon. */
  refresh() {
    if (this.signal?.aborted) return;
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined;
      this.load();
    }, TOGETHER);
  }

  /** What is being read at this moment, if anything is, does not have the latest change. */
  outdate() {
    if (this.#reading) this.#outdated = true;
  }
}
