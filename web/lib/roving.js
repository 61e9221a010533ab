/** Where the arrow keys lead from one of so many. @type {Record<string, (at: number, count: number) => number>} */
const MOVES = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** What the Tab key stops at. */
const STOPS = 'a, button';

/**
 * Makes a list one stop of the Tab key, however many lines it has: arrow keys, Home and End move within it. Where a line
 * has several stops, only those of the line that was used last are any.
 *
 * @param {HTMLElement} container its children are the lines; the first stop of each gets the focus
 */
export function roving(container) {
  /** @type {Element | null} */
  let current = null;
  const lines = () => [...container.children];
  const mark = (/** @type {Element | null} */ line) => {
    current = line;
    for (const stop of container.querySelectorAll(STOPS)) /** @type {HTMLElement} */ (stop).tabIndex = line?.contains(stop) ? 0 : -1;
  };
  /** @param {(at: number, count: number) => number} move */
  const go = (move) => {
    const all = lines();
    const to = all[Math.max(0, Math.min(move(current ? all.indexOf(current) : -1, all.length), all.length - 1))];
    /** @type {HTMLElement | null | undefined} */ (to?.querySelector(STOPS))?.focus();
  };
  const holds = (/** @type {Element | null} */ element) => lines().find((line) => line.contains(element)) ?? null;
  container.addEventListener('focusin', ({ target }) => mark(holds(/** @type {Element} */ (target))));
  container.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(move);
  });
  return {
    /** The list has other lines. The Tab key stops at the one that has the focus, or is chosen, or was the last one. */
    renew: () => {
      const all = lines();
      const last = current && all.includes(current) ? current : null;
      mark(holds(document.activeElement) ?? holds(container.querySelector('[aria-current]')) ?? last ?? all[0] ?? null);
    },
    /** Brings the focus to the one after the last that had it, or before it. @param {1 | -1} by */
    step: (by) => go((at) => (container.contains(document.activeElement) || at < 0 ? at + by : at)),
  };
}
