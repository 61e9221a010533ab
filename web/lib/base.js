/** Where the files of this version lie. */
const FILES = new URL('../', import.meta.url);

/** The address below which everything lies, whatever path a proxy has put in front. */
const ROOT = new URL('../../', FILES);

/** What changes with any file of the client. */
export const version = FILES.pathname.split('/').at(-2);

/** The address of a file of the client. @param {string} name */
export const fileAddress = (name) => new URL(name, FILES).href;

/**
 * @param {string} path without a slash in front
 * @param {Record<string, string | number | null | undefined>} [query] what is empty is left out
 */
export function address(path, query = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

/**
 * What this client calls something that all pages of the origin share: another messenger may lie below
 * another path.
 *
 * @param {string} name
 */
export const named = (name) => `mysms${ROOT.pathname}${name}`;
