import { named } from './base.js';

/** What a browser keeps under a name. Where nothing can be kept, each thing lasts until the page is loaded again. */
class Memory {
  /** @param {() => Storage} open throws where the user does not allow it */
  constructor(open) {
    this.open = open;
  }

  /**
   * @template T
   * @param {string} name
   * @returns {T | null}
   */
  recall(name) {
    try {
      return JSON.parse(this.open().getItem(named(name)) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {unknown} value nothing is kept of `null` */
  remember(name, value) {
    try {
      if (value === null) this.open().removeItem(named(name));
      else this.open().setItem(named(name), JSON.stringify(value));
    } catch {
      // Nothing can be kept.
    }
  }

  /** Forgets everything. */
  forget() {
    try {
      for (const name of Object.keys(this.open())) if (name.startsWith(named(''))) this.open().removeItem(name);
    } catch {
      // There was nothing.
    }
  }
}

/** Forgotten when the tab is closed. */
export const inTab = new Memory(() => sessionStorage);

/** Known to all tabs. */
export const inBrowser = new Memory(() => localStorage);
