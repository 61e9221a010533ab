/**
 * A list that keeps the elements of what stays in it, and with them the focus.
 *
 * @template T
 * @typedef {{element: HTMLElement, update: (item: T) => void}} Row
 */

/** @template T */
export class KeyedList {
  /** @type {Map<string, Row<T>>} */
  #rows = new Map();

  /**
   * @param {Element} container
   * @param {(item: T) => string} key
   * @param {(item: T) => Row<T>} make
   */
  constructor(container, key, make) {
    this.container = container;
    this.key = key;
    this.make = make;
  }

  /** @param {Iterable<T>} items in their order */
  show(items) {
    const focused = document.activeElement;
    const kept = new Map();
    let next = this.container.firstElementChild;
    for (const item of items) {
      const key = this.key(item);
      const row = this.#rows.get(key) ?? this.make(item);
      row.update(item);
      kept.set(key, row);
      if (row.element === next) next = next.nextElementSibling;
      else this.container.insertBefore(row.element, next);
    }
    for (const [key, row] of this.#rows) if (!kept.has(key)) row.element.remove();
    this.#rows = kept;
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.container.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }
}
