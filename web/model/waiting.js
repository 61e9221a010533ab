import { details } from '../api/client.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */
/** @import { Thread } from './thread.js' */

/** How often it is asked when a text will leave, in milliseconds. */
const AGAIN = 30_000;

/** How often it is looked which are to be asked about, in milliseconds. */
const TICK = 5_000;

/** What begins to wait only later than this is asked about once, in milliseconds. */
const SOON = 600_000;

/** So many of the newest are asked about. */
const MOST = 10;

/**
 * Keeps known when the texts of a thread that wait are likely to leave: lists do not tell, and it changes
 * without any news of them.
 *
 * @param {Desk} desk
 * @param {Thread} thread
 * @param {AbortSignal} signal
 */
export function watchWaiting(desk, thread, signal) {
  /** When each is asked about the next time. @type {Map<string, number>} */
  const next = new Map();
  const isWorthIt = () => desk.setup.isTimed() || desk.setup.isPaused();
  /** @param {Message} message @param {number} now */
  const isDue = (message, now) => {
    if (message.status !== 'queued') return false;
    if (!next.has(message.id)) {
      // What was told when it was accepted is news. Where all leave at once, one has to wait a moment to be worth asking.
      if (message.expected_at) next.set(message.id, now + AGAIN);
      else if (!isWorthIt()) next.set(message.id, now + TICK);
    }
    return (next.get(message.id) ?? 0) <= now;
  };
  const look = () => {
    const now = Date.now();
    if (document.hidden) return;
    const due = thread.list().filter((message) => isDue(message, now));
    for (const { id, starts_at } of due) {
      const later = starts_at !== null && Date.parse(starts_at) - now > SOON;
      next.set(id, later ? Infinity : now + AGAIN);
    }
    for (const { id } of due.slice(-MOST)) {
      details(desk.user, id).then((told) => !signal.aborted && thread.put(told), () => {});
    }
  };
  thread.changes.on(look, signal);
  desk.setup.changes.on(look, signal);
  const timer = setInterval(look, TICK);
  signal.addEventListener('abort', () => clearInterval(timer));
  look();
}
