/** @import { Tabs } from './tabs.js' */

/** How long a tab goes on that nobody looks at any more, in milliseconds: users go back and forth. */
const PATIENCE = 2000;

/**
 * Has few tabs of all do something where browsers have no locks: those that are looked at, or one of the others. It
 * may be done by several for a while.
 *
 * @param {Tabs} tabs
 * @param {(signal: AbortSignal) => void} work until it may not go on
 * @param {AbortSignal} signal
 */
export function whileSeen(tabs, work, signal) {
  // Of tabs that nobody looks at the one with the smallest number goes on.
  const own = Math.random();
  /** @type {AbortController | null} */
  let over = null;
  let timer = 0;
  const tell = () => tabs.tell('works', { id: own, isSeen: !document.hidden });
  const begin = () => {
    clearTimeout(timer);
    if (!over) {
      over = new AbortController();
      work(AbortSignal.any([signal, over.signal]));
    }
    tell();
  };
  const end = () => {
    over?.abort();
    over = null;
  };
  tabs.on('works', ({ id, isSeen }) => {
    const isTheirs = document.hidden && (isSeen || id < own);
    clearTimeout(timer);
    if (isTheirs) timer = window.setTimeout(end, PATIENCE);
    // Both would go on, unless it hears of this one.
    else if (over && !isSeen) tell();
  }, signal);
  tabs.on('left', () => {
    if (over || !document.hidden) return begin();
    // The first one to do so keeps the others from it.
    clearTimeout(timer);
    timer = window.setTimeout(begin, Math.random() * PATIENCE);
  }, signal);
  document.addEventListener('visibilitychange', () => (document.hidden ? over && tell() : begin()), { signal });
  addEventListener('pagehide', () => {
    if (over) tabs.tell('left');
    // It is hidden after that, of which nobody has to hear.
    end();
  }, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && begin(), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  if (!document.hidden) return begin();
  // Others may do it already, and say so.
  timer = window.setTimeout(begin, PATIENCE);
  tabs.tell('works', { id: Infinity, isSeen: false });
}
