/** @import { Tabs } from './tabs.js' */

/** How long a tab goes on beside another one, in milliseconds: users go back and forth. */
const PATIENCE = 2000;

/** How often the one that goes on says so, in milliseconds. */
const BEAT = 15_000;

/** After so long another one that is looked at takes over, in milliseconds: whoever crashes says nothing. */
const SILENCE = 3 * BEAT;

/**
 * Has one tab of all do something where browsers have no locks: one that is looked at, if there is any; with several
 * windows there may be many. It may be done by several for a while.
 *
 * @param {Tabs} tabs
 * @param {(signal: AbortSignal) => void} work until it may not go on
 * @param {AbortSignal} signal
 */
export function whileSeen(tabs, work, signal) {
  // Of several the one with the smallest number goes on.
  const own = Math.random();
  /** @type {AbortController | null} */
  let over = null;
  let timer = 0;
  const later = (/** @type {() => void} */ act, /** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    timer = window.setTimeout(act, milliseconds);
  };
  const tell = () => tabs.tell('works', { id: own, isSeen: !document.hidden });
  const begin = () => {
    clearTimeout(timer);
    if (!over) {
      over = new AbortController();
      work(AbortSignal.any([signal, over.signal]));
    }
    tell();
  };
  // The first one to do so keeps the others from it.
  const beginSoon = () => later(begin, Math.random() * PATIENCE);
  const end = () => {
    over?.abort();
    over = null;
  };
  const follow = () => {
    end();
    if (document.hidden) clearTimeout(timer);
    else later(begin, SILENCE);
  };
  tabs.on('works', ({ id, isSeen }) => {
    const isTheirs = isSeen === document.hidden ? isSeen : !over || id < own;
    if (isTheirs && over) return later(follow, PATIENCE);
    if (isTheirs) return follow();
    // It is looked at no more, and this one is.
    if (!over) return beginSoon();
    // Both would go on, unless it hears of this one.
    clearTimeout(timer);
    tell();
  }, signal);
  tabs.on('works?', () => over && tell(), signal);
  tabs.on('left', () => (over ? begin() : beginSoon()), signal);
  document.addEventListener('visibilitychange', () => (document.hidden ? over && tell() : begin()), { signal });
  addEventListener('pagehide', () => {
    if (over) tabs.tell('left');
    // It is hidden after that, of which nobody has to hear.
    end();
  }, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && begin(), { signal });
  const beat = setInterval(() => over && tell(), BEAT);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    clearInterval(beat);
  });
  if (!document.hidden) return begin();
  // Others may do it already, and say so.
  later(begin, PATIENCE);
  tabs.tell('works?');
}
