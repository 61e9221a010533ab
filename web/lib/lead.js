import { named } from './base.js';

/** @import { Tabs } from './tabs.js' */

/** How often a tab that is looked at asks whether the leader is awake, in milliseconds. */
const ASKED = 15_000;

/** How long the leader may take to answer: browsers put tabs to sleep that nobody looks at. */
const PATIENCE = 3000;

/**
 * Has one tab of all do something, and another one as soon as that is closed, has crashed or sleeps. Where
 * browsers have no locks, over plain HTTP, each tab does it, but for what keeps a connection: a browser has only six.
 *
 * @param {Tabs} tabs
 * @param {string} name
 * @param {(signal: AbortSignal) => void} send until it may not go on
 * @param {(signal: AbortSignal) => void} listen the same, with a connection all the while
 * @param {AbortSignal} signal
 */
export async function lead(tabs, name, send, listen, signal) {
  const { locks } = /** @type {{locks?: LockManager}} */ (navigator);
  const alone = async () => {
    send(signal);
    const seen = await import('./seen.js').catch(() => null);
    if (signal.aborted) return;
    // Without it each tab does that, too.
    if (seen) seen.whileSeen(tabs, listen, signal);
    else listen(signal);
  };
  const work = (/** @type {AbortSignal} */ until) => {
    send(until);
    listen(until);
  };
  if (!locks) return alone();
  let leads = false;
  let steals = false;
  let waiting = new AbortController();
  tabs.on('awake?', () => leads && tabs.tell('awake'), signal);
  whenAsleep(tabs, () => {
    if (leads) return;
    steals = true;
    waiting.abort();
  }, signal);
  signal.addEventListener('abort', () => waiting.abort());
  for (let led = false; !signal.aborted; ) {
    const over = new AbortController();
    const held = () =>
      new Promise((/** @type {(value: void) => void} */ resolve) => {
        if (signal.aborted) return resolve();
        led = true;
        leads = true;
        signal.addEventListener('abort', () => resolve(), { signal: over.signal });
        work(AbortSignal.any([signal, over.signal]));
      });
    waiting = new AbortController();
    const how = steals ? { steal: true } : { signal: waiting.signal };
    steals = false;
    // It fails when another tab takes over.
    await locks.request(named(name), how, held).catch(() => {});
    leads = false;
    over.abort();
    // Where there are no locks after all.
    if (!led && !steals && !signal.aborted) return alone();
  }
}

/** @param {Tabs} tabs @param {() => void} asleep the leader does not answer @param {AbortSignal} signal */
function whenAsleep(tabs, asleep, signal) {
  let late = 0;
  const ask = () => {
    if (document.hidden) return;
    clearTimeout(late);
    late = window.setTimeout(asleep, PATIENCE);
    tabs.tell('awake?');
  };
  tabs.on('awake', () => clearTimeout(late), signal);
  document.addEventListener('visibilitychange', ask, { signal });
  const timer = setInterval(ask, ASKED);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    clearTimeout(late);
  });
}
