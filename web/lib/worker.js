import { address } from './base.js';

/**
 * Lets the page start without a network, where browsers allow that: over TLS and on this machine. The one policy
 * of this page names the one script that may be run so.
 */
export function installWorker() {
  if (!('serviceWorker' in navigator)) return;
  const { href } = address('sw.js');
  const { trustedTypes } = /** @type {{trustedTypes?: {createPolicy: Function}}} */ (/** @type {unknown} */ (window));
  const policy = trustedTypes?.createPolicy('worker', { createScriptURL: () => href });
  // Without it everything works while there is a network.
  navigator.serviceWorker.register(policy ? policy.createScriptURL(href) : href).catch(() => {});
}
