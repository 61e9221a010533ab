/**
 * What this tab remembers, and forgets when it is closed.
 *
 * @template T
 * @param {string} name
 * @returns {T | null}
 */
export function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(`mysms.${name}`) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {string} name @param {unknown} value nothing is kept of `null` */
export function remember(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(`mysms.${name}`);
    else sessionStorage.setItem(`mysms.${name}`, JSON.stringify(value));
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
}

/** Forgets everything. */
export function forget() {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('mysms.')) sessionStorage.removeItem(name);
  } catch {
    // There was nothing.
  }
}
