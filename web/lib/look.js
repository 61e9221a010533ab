import { inBrowser } from './storage.js';

/** @import { Language } from './words.js' */

/**
 * What this browser's user has set, whoever is logged in. What is not set is as the system has it; keys of one letter
 * work unless they are switched off.
 *
 * @typedef {{language?: Language, theme?: 'light' | 'dark', letters?: false}} Look
 */

/** @returns {Look} */
export const look = () => inBrowser.recall('look') ?? {};

/** Changes a part of it, at once and in all tabs. @param {{[Part in keyof Look]: Look[Part] | undefined}} part */
export function changeLook(part) {
  inBrowser.remember('look', { ...look(), ...part });
  // `look.js` hears it; in other tabs it hears that something was remembered.
  dispatchEvent(new Event('look'));
}
