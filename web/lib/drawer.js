import { named } from './base.js';

/** One for each kind of thing that is kept. */
const KINDS = /** @type {const} */ (['outbox', 'drafts', 'campaigns', 'parts', 'remembered']);

/** Rises with each kind that is added. */
const VERSION = 3;

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(named('kept'), VERSION);
    request.onupgradeneeded = () => {
      const missing = KINDS.filter((kind) => !request.result.objectStoreNames.contains(kind));
      for (const kind of missing) request.result.createObjectStore(kind);
    };
    request.onsuccess = () => {
      // Another tab is of a later version.
      request.result.onversionchange = () => request.result.close();
      // The user has cleared what this browser keeps.
      request.result.onclose = () => {
        opened = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * What this browser keeps of one kind for a user, whatever tabs are closed: each thing by its name.
 *
 * @template T
 */
export class Drawer {
  /** @param {typeof KINDS[number]} kind @param {string} user */
  constructor(kind, user) {
    this.kind = kind;
    this.user = user;
    /** Whether all that was put in is in it: a browser may keep nothing. */
    this.isSafe = true;
  }

  /** @returns {Promise<T[]>} */
  async all() {
    return (await this.#do('readonly', (store) => store.getAll(all(this.user)))) ?? [];
  }

  /** @param {string} name @returns {Promise<T | null>} */
  async get(name) {
    return (await this.#do('readonly', (store) => store.get([this.user, name]))) ?? null;
  }

  /** @param {string} name @param {T} thing */
  async put(name, thing) {
    await this.putAll([[name, thing]]);
  }

  /** All of them, or none. @param {Iterable<[name: string, thing: T]>} things */
  async putAll(things) {
    await this.#do('readwrite', (store) => {
      for (const [name, thing] of things) store.put(thing, [this.user, name]);
    });
  }

  /**
   * Puts one in unless something is there that stands against it, whatever other tabs do.
   *
   * @param {string} name
   * @param {T} thing
   * @param {(there: T) => boolean} isAgainst
   * @returns {Promise<boolean>} whether nothing stood against it
   */
  async putUnless(name, thing, isAgainst) {
    let isFree = true;
    await this.#do('readwrite', (store) => {
      const request = store.getAll(all(this.user));
      request.onsuccess = () => {
        isFree = !request.result.some(isAgainst);
        if (isFree) store.put(thing, [this.user, name]);
      };
    });
    return isFree;
  }

  /**
   * Changes one as it is at that moment, whatever other tabs do.
   *
   * @param {string} name
   * @param {(thing: T) => T | null} change `null` leaves it as it is
   * @returns {Promise<T | null>} what it is then; `null` if there is none
   */
  async update(name, change) {
    /** @type {T | null} */
    let now = null;
    await this.edit(name, (there, put) => {
      if (there === undefined) return;
      const changed = change(there);
      now = changed ?? there;
      if (changed) put(name, changed);
    });
    return now;
  }

  /**
   * Changes several by what one of them is at that moment, whatever other tabs do: all of that is done, or nothing.
   *
   * @param {string} name
   * @param {(there: T | undefined, put: (name: string, thing: T) => void, remove: (name: string) => void) => void} change
   */
  async edit(name, change) {
    await this.#do('readwrite', (store) => {
      const request = store.get([this.user, name]);
      request.onsuccess = () => {
        const put = (/** @type {string} */ other, /** @type {T} */ thing) => void store.put(thing, [this.user, other]);
        change(request.result, put, (other) => void store.delete([this.user, other]));
      };
    });
  }

  /**
   * Removes one if that may be done as it is at that moment, whatever other tabs do.
   *
   * @param {string} name
   * @param {(thing: T) => boolean} may
   * @returns {Promise<boolean>} whether it is removed
   */
  async removeIf(name, may) {
    let isGone = false;
    await this.edit(name, (there, _, remove) => {
      isGone = there !== undefined && may(there);
      if (isGone) remove(name);
    });
    return isGone;
  }

  /** @param {string} name */
  async remove(name) {
    await this.removeAll([name]);
  }

  /** @param {Iterable<string>} names */
  async removeAll(names) {
    await this.#do('readwrite', (store) => {
      for (const name of names) store.delete([this.user, name]);
    });
  }

  /**
   * @template R
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<R> | void} what
   * @returns {Promise<R | null>} `null` if nothing can be kept
   */
  async #do(mode, what) {
    try {
      const transaction = (await open()).transaction(this.kind, mode);
      const request = what(transaction.objectStore(this.kind));
      await done(transaction);
      return request ? request.result : null;
    } catch {
      this.isSafe = false;
      return null;
    }
  }
}

/** Empties all drawers of a user. @param {string} user */
export async function erase(user) {
  try {
    const transaction = (await open()).transaction(KINDS, 'readwrite');
    for (const kind of KINDS) transaction.objectStore(kind).delete(all(user));
    await done(transaction);
  } catch {
    // There was nothing.
  }
}

/** Forgets what was remembered of anybody else. @param {string | null} user */
export async function rememberOnly(user) {
  try {
    const transaction = (await open()).transaction('remembered', 'readwrite');
    const store = transaction.objectStore('remembered');
    if (user === null) store.clear();
    else for (const others of [IDBKeyRange.upperBound([user], true), IDBKeyRange.lowerBound([user, []], true)]) store.delete(others);
    await done(transaction);
  } catch {
    // There was nothing.
  }
}

/** @param {string} user the keys of all that is theirs: lists are behind all texts */
const all = (user) => IDBKeyRange.bound([user], [user, []]);

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
