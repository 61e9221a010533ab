import { keeper, session } from '../api/session.js';
import { Drawer, rememberOnly } from '../lib/drawer.js';
import { placeOf } from './thread.js';

/** @import { Conversation, Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */
/** @import { Thread } from './thread.js' */

/** So much is kept at most: conversations, threads, and of each thread the newest messages. */
const CONVERSATIONS = 100;
const THREADS = 30;
const MESSAGES = 50;

/** Of a list, and of a thread, in characters. */
const LONGEST_LIST = 256 * 1024;
const LONGEST_THREAD = 64 * 1024;

/** A thread that was not looked at for so long is forgotten, in milliseconds: what was deleted of it elsewhere meanwhile is not known here. */
const OLDEST = 14 * 24 * 3_600_000;

/** So many that were deleted last are known, so that no other tab brings them back. */
const GONE = 500;

/** What changes is kept so long after it, together with what changes meanwhile, in milliseconds. */
const PAUSE = 3000;

/** The list and the names; of all threads, when each was kept and where it ends; and one thread. */
const LIST = 'list';
const INDEX = 'index';
const threadName = (/** @type {string} */ number) => `thread ${number}`;

/**
 * @typedef {{at: number, conversations: Conversation[], names: [number: string, name: string][]}} List
 * @typedef {{threads: Record<string, {at: number, last: string}>, gone: string[]}} Index
 * @typedef {{at: number, number: string, messages: Message[]}} Stretch
 * @typedef {List | Index | Stretch} Thing
 */

/** @param {string} user @returns {Promise<Remembered>} */
export async function remembered(user) {
  /** @type {Drawer<any>} */
  const drawer = new Drawer('remembered', user);
  return new Remembered(drawer, keeper() === user ? await drawer.get(LIST) : null);
}

/**
 * What the user saw last, on a device that keeps their login: it is shown at the next start until the server has
 * answered, also if that is never. It is for the eyes alone: whatever decides asks the lists and threads themselves.
 */
export class Remembered {
  /** What has changed since it was kept. @type {Set<Thread | null>} `null` is the list */
  #due = new Set();
  #timer = 0;
  /** What is about to be forgotten. @type {Set<string>} */
  #gone = new Set();
  #isForgetting = false;
  /** Whether threads that have come to an end elsewhere were forgotten since the stream began. */
  #isTidy = false;
  /** @type {Desk | null} */
  #desk = null;

  /** @param {Drawer<any>} drawer @param {List | null} list */
  constructor(drawer, list) {
    this.drawer = drawer;
    this.list = list;
  }

  /** Shows what there was, and keeps what comes. @param {Desk} desk */
  follow(desk) {
    const { contacts, conversations, feed, signal } = desk;
    this.#desk = desk;
    if (this.list) {
      conversations.before = { at: this.list.at, items: this.list.conversations };
      contacts.names = new Map(this.list.names);
    }
    for (const { changes } of [contacts, conversations]) changes.on(() => this.#later(null), signal);
    feed.connections.on(() => (this.#isTidy = false), signal);
    const leave = () => {
      if (!document.hidden) return;
      // That nothing has changed is worth knowing, too.
      this.#due.add(null);
      this.#save(true);
    };
    document.addEventListener('visibilitychange', leave, { signal });
    addEventListener('pagehide', () => this.#save(true), { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** Shows what there was of a thread, and keeps what comes. @param {Thread} thread that was not read yet */
  async recall(thread) {
    if (!this.#desk) return;
    thread.changes.on(() => this.#later(thread), this.#desk.signal);
    /** @type {Stretch | null} */
    const kept = this.#may() ? await this.drawer.get(threadName(thread.number)) : null;
    if (!kept || thread.state === 'ready' || this.#desk.signal.aborted) return;
    thread.before = { at: kept.at, items: kept.messages };
    thread.changes.emit();
  }

  /** A message is gone. @param {string} id */
  async forget(id) {
    const before = this.#desk?.conversations.before;
    if (before) before.items = before.items.filter(({ last_message: last }) => last.id !== id);
    this.#gone.add(id);
    if (this.#isForgetting || !this.#may()) return;
    this.#isForgetting = true;
    // Many may go together.
    while (this.#gone.size > 0) await this.#kept(this.#forgetAll());
    this.#isForgetting = false;
  }

  async #forgetAll() {
    const ids = [...this.#gone];
    this.#gone.clear();
    /** @type {Thing[]} */
    const there = await this.drawer.all();
    await this.#edit((index, put, remove) => {
      index.gone = [...index.gone, ...ids].slice(-GONE);
      const gone = new Set([...index.gone, ...ids]);
      for (const thing of there) {
        if ('conversations' in thing) put(LIST, without(thing, gone));
        // Another tab may have forgotten it.
        else if ('messages' in thing && index.threads[thing.number]) keep(index, { ...thing, messages: thing.messages.filter(({ id }) => !gone.has(id)) }, put, remove);
      }
    });
  }

  /** A conversation is gone. @param {string} number */
  async forgetThread(number) {
    const before = this.#desk?.conversations.before;
    if (before) before.items = before.items.filter(({ counterpart }) => counterpart !== number);
    if (!this.#may()) return;
    /** @type {List | null} */
    const list = await this.drawer.get(LIST);
    const edit = this.#edit((index, put, remove) => {
      drop(index, number, remove);
      if (list) put(LIST, without({ ...list, conversations: list.conversations.filter(({ counterpart }) => counterpart !== number) }, new Set(index.gone)));
    });
    await this.#kept(edit);
  }

  /** All is gone. */
  async clear() {
    this.#due.clear();
    if (this.#desk) this.#desk.conversations.before = null;
    await rememberOnly(null);
  }

  /** Whether anything may be kept: another tab may have logged out. */
  #may() {
    return this.#desk !== null && !this.#desk.signal.aborted && keeper() === this.drawer.user && !session()?.expired;
  }

  /** @param {Thread | null} what has changed */
  #later(what) {
    this.#due.add(what);
    if (!this.#desk?.signal.aborted) this.#timer ||= window.setTimeout(() => this.#save(false), PAUSE);
  }

  /** @param {boolean} isLeaving */
  #save(isLeaving) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const desk = this.#desk;
    // What is shown without a connection is older than it seems.
    if (!desk || !this.#may() || desk.feed.connection !== 'live' || !navigator.onLine) return;
    for (const what of this.#due) {
      // A tab that browsers have put to sleep may not know the latest, and does not lead.
      const isAwake = desk.feed.leads || isLeaving || !document.hidden;
      if (what === null ? !desk.feed.leads || !isRead(desk.conversations) || !isRead(desk.contacts) : !isAwake || !isRead(what) || what.later !== null) continue;
      this.#due.delete(what);
      this.#kept(what === null ? this.#keepList(desk) : this.#keepThread(what));
    }
  }

  /** @param {Desk} desk */
  #keepList({ contacts, conversations }) {
    const all = conversations.list();
    const items = fitting(all.slice(0, CONVERSATIONS), LONGEST_LIST);
    const last = new Map(all.map(({ counterpart, last_message: message }) => [counterpart, placeOf(message)]));
    const isWhole = conversations.next === null;
    const isTidy = this.#isTidy;
    this.#isTidy = true;
    return this.#edit((index, put, remove) => {
      for (const [number, { at, last: end }] of isTidy ? [] : Object.entries(index.threads)) {
        const now = last.get(number);
        const isOver = now === undefined ? isWhole : now < end;
        if (isOver || at < Date.now() - OLDEST) drop(index, number, remove);
      }
      const numbers = new Set([...items.map(({ counterpart }) => counterpart), ...Object.keys(index.threads)]);
      const names = [...numbers].flatMap((number) => {
        const name = contacts.nameOf(number);
        return name === null ? [] : [/** @type {[string, string]} */ ([number, name])];
      });
      put(LIST, without({ at: Date.now(), conversations: items, names }, new Set(index.gone)));
    });
  }

  /** @param {Thread} thread */
  #keepThread(thread) {
    const { number } = thread;
    const newest = fitting([...thread.list()].reverse().slice(0, MESSAGES), LONGEST_THREAD).reverse();
    return this.#edit((index, put, remove) => {
      const messages = newest.filter(({ id }) => !index.gone.includes(id));
      keep(index, { at: Date.now(), number, messages }, put, remove);
      const oldest = Object.entries(index.threads).sort(([, a], [, b]) => b.at - a.at).slice(THREADS);
      for (const [other] of oldest) drop(index, other, remove);
    });
  }

  /** @param {(index: Index, put: (name: string, thing: Thing) => void, remove: (name: string) => void) => void} change what is kept; the index is kept as it is then */
  #edit(change) {
    return this.drawer.edit(INDEX, (there, put, remove) => {
      /** @type {Index} */
      const index = there ?? { threads: {}, gone: [] };
      change(index, put, remove);
      put(INDEX, index);
    });
  }

  /** Should somebody have logged out in another tab meanwhile, nothing of it stays. @param {Promise<void>} kept */
  async #kept(kept) {
    await kept;
    if (keeper() !== this.drawer.user) await rememberOnly(keeper());
  }
}

/** Whether it is as the server has it. @param {import('./listing.js').Reader} reader */
const isRead = ({ state, failure }) => state === 'ready' && failure === null;

/** @param {List} list @param {Set<string>} gone @returns {List} */
const without = (list, gone) => ({ ...list, conversations: list.conversations.filter(({ last_message: { id } }) => !gone.has(id)) });

/**
 * Keeps a thread, unless nothing is left of it.
 *
 * @param {Index} index
 * @param {Stretch} stretch
 * @param {(name: string, thing: Thing) => void} put
 * @param {(name: string) => void} remove
 */
function keep(index, stretch, put, remove) {
  const { at, number, messages } = stretch;
  const last = messages.at(-1);
  if (!last) return drop(index, number, remove);
  index.threads[number] = { at, last: placeOf(last) };
  put(threadName(number), stretch);
}

/** @param {Index} index @param {string} number @param {(name: string) => void} remove */
function drop(index, number, remove) {
  delete index.threads[number];
  remove(threadName(number));
}

/**
 * As many of the first as are no longer than that together.
 *
 * @template T
 * @param {T[]} items
 * @param {number} longest
 * @returns {T[]}
 */
function fitting(items, longest) {
  let length = 0;
  const end = items.findIndex((item) => (length += JSON.stringify(item).length) > longest);
  return end < 0 ? items : items.slice(0, end);
}
