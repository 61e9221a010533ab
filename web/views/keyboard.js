import { hotkeys } from '../lib/hotkeys.js';
import { go, place } from '../lib/router.js';
import { later } from './later.js';

/** @import { Desk } from '../model/desk.js' */

/**
 * Lets what is done often be done by one key.
 *
 * @param {Desk} desk
 * @param {HTMLElement} page
 * @param {{step: (by: 1 | -1) => void}} list of the conversations
 * @param {AbortSignal} signal
 */
export function keyboard(desk, page, list, signal) {
  const search = () => {
    if (place().path[0] === 'search') /** @type {HTMLElement | null} */ (page.querySelector('input[type=search]'))?.focus();
    else go('#/search');
  };
  const letters = { '/': search, n: () => go('#/new'), j: () => list.step(1), k: () => list.step(-1), '?': () => later(({ openShortcuts }) => openShortcuts()) };
  hotkeys({ letters, commands: { k: () => later(({ openCommands }) => openCommands(desk)) } }, signal);
}
