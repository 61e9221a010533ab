import { fill, h } from './dom.js';

/** @import { Said } from './dom.js' */

/** @param {Said} text read out by screen readers when they have nothing else to say */
export function announce(text) {
  say('polite', text);
}

/** @param {Said} text read out at once */
export function alarm(text) {
  say('urgent', text);
}

/** @param {string} id @param {Said} text */
function say(id, text) {
  const region = document.getElementById(id);
  if (!region) return;
  // The same text again is read out only if it is a new one.
  fill(region, h('p', {}, text));
}
