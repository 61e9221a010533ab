/**
 * A list that keeps the elements of what stays in it, and with them the focus.
 *
 * @template T
 * @typedef {{element: HTMLElement, update: (item: T) => void, end?: () => void}} Row `end` is called when it is gone
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
    for (const item of items) {
      const key = this.key(item);
      const row = this.#rows.get(key) ?? this.make(item);
      row.update(item);
      kept.set(key, row);
    }
    for (const [key, row] of this.#rows) if (!kept.has(key)) remove(row);
    let next = this.container.firstElementChild;
    for (const { element } of kept.values()) {
      if (element === next) next = element.nextElementSibling;
      else this.container.insertBefore(element, next);
    }
    this.#rows = kept;
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.container.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  /** @param {string} key @returns {HTMLElement | undefined} */
  element(key) {
    return this.#rows.get(key)?.element;
  }
}

/** @param {Row<any>} row */
function remove(row) {
  row.element.remove();
  row.end?.();
}
