/**
 * The place in the client: what stands behind the `#` of the address.
 *
 * @typedef {{path: string[], query: URLSearchParams}} Place
 */

/** @returns {Place} */
export function place() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

/** @param {string} hash @param {{replace?: boolean}} [how] */
export function go(hash, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** @param {string} counterpart @param {string} [at] the id of a message that is to be seen */
export const conversationPlace = (counterpart, at) =>
  `#/conversations/${encodeURIComponent(counterpart).replace(/^%2B/, '+')}${at ? `?at=${at}` : ''}`;

/** What became of a campaign. @param {string} name */
export const campaignPlace = (name) => `#/campaigns/of/${encodeURIComponent(name)}`;

/** What became of a text to several. @param {string} batch */
export const sentPlace = (batch) => `#/sent/${encodeURIComponent(batch)}`;

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
