import { named } from './base.js';

/**
 * Works while no other tab does what has the same name. Over plain HTTP browsers have no locks: there all tabs
 * work at once, which has to be harmless.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, work) {
  const { locks } = /** @type {{locks?: LockManager}} */ (navigator);
  return locks ? locks.request(named(name), work) : work();
}
