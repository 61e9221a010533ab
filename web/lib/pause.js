/**
 * Waits, but no longer once the network is back or somebody looks at the page again.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} signal ends it at once
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const until = { signal: over.signal };
    addEventListener('online', done, until);
    signal.addEventListener('abort', done, until);
    document.addEventListener('visibilitychange', () => !document.hidden && done(), until);
    if (signal.aborted) done();
  });
}

/**
 * @param {number} tries how many have failed
 * @param {number} longest in milliseconds
 * @returns {number} how long to wait for the next: longer each time, and not for all at once
 */
export function backoff(tries, longest) {
  const full = Math.min(longest, 1000 * 2 ** Math.min(tries, 10));
  return full * (0.75 + Math.random() / 4);
}

/** Lets the browser do whatever it has to, and goes on at once, also in a tab that nobody looks at. @returns {Promise<void>} */
export function breathe() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
