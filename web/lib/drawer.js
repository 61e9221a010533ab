import { named } from './base.js';

/** One for each kind of thing that is kept. */
const KINDS = /** @type {const} */ (['outbox', 'drafts']);

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(named('kept'), 1);
    request.onupgradeneeded = () => {
      for (const kind of KINDS) request.result.createObjectStore(kind);
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

  /** @param {string} name @param {T} thing */
  async put(name, thing) {
    await this.#do('readwrite', (store) => store.put(thing, [this.user, name]));
  }

  /** @param {string} name */
  async remove(name) {
    await this.#do('readwrite', (store) => store.delete([this.user, name]));
  }

  /**
   * @template R
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<R>} what
   * @returns {Promise<R | null>} `null` if nothing can be kept
   */
  async #do(mode, what) {
    try {
      const transaction = (await open()).transaction(this.kind, mode);
      const request = what(transaction.objectStore(this.kind));
      await done(transaction);
      return request.result;
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

/** @param {string} user the keys of all that is theirs: lists are behind all texts */
const all = (user) => IDBKeyRange.bound([user], [user, []]);

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
