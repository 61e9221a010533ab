import { every } from '../api/search.js';
import { Listing } from './listing.js';
import { isInstead } from './outbox.js';
import { labelsOf } from './text.js';
import { isScheduled } from './wording.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */
/** @import { Outgoing } from './outbox.js' */
/** @import { Wanted } from './text.js' */

/** As many are shown: those that leave first. */
export const MOST = 2000;

/** The texts that wait for a later time, and those that are to replace one of them. */
export class Scheduled extends Listing {
  /** @type {Message[]} */
  #messages = [];
  /** How many there are, with those that are not shown. */
  count = 0;

  /** @param {Desk} desk @param {AbortSignal} signal */
  constructor(desk, signal) {
    super(signal);
    this.desk = desk;
    this.over = signal;
    desk.messages.on((message) => message.send_at !== null && this.#put(message), signal);
    desk.outbox.changes.on(() => this.changes.emit(), signal);
    desk.feed.connections.on((connection) => connection === 'live' && this.refresh(), signal);
  }

  /** @override */
  async readShown() {
    /** @type {Message[]} */
    let first = [];
    let count = 0;
    for await (const message of every({ status: 'queued' }, this.over)) {
      if (!isScheduled(message)) continue;
      count += 1;
      first.push(message);
      if (first.length >= 2 * MOST) first = earliest(first);
    }
    this.#messages = earliest(first);
    this.count = count;
  }

  /** @returns {Message[]} by the time at which they are to leave */
  list() {
    return this.#messages;
  }

  /** What is to be sent in its place. @param {string} id @returns {Outgoing | undefined} */
  replacing(id) {
    return this.desk.outbox.those(({ replaces }) => replaces === id)[0];
  }

  /** What is to leave later, and neither the server has nor stands beside one of the others. @returns {Outgoing[]} */
  unsent() {
    const shown = new Set(this.#messages.map(({ id }) => id));
    return this.desk.outbox.those((text) => (text.sendAt !== null || isInstead(text)) && !shown.has(text.replaces ?? ''));
  }

  /** @param {Message} message */
  #put(message) {
    // What is being read may have it as it was.
    this.outdate();
    const others = this.#messages.filter(({ id }) => id !== message.id);
    const all = isScheduled(message) ? [...others, message] : others;
    this.count += all.length - this.#messages.length;
    this.#messages = earliest(all);
    this.changes.emit();
  }
}

/** @param {Message} message */
const leavesAt = ({ send_at: at }) => Date.parse(at ?? '');

/** @param {Message[]} messages */
const earliest = (messages) => messages.sort((a, b) => leavesAt(a) - leavesAt(b) || (a.id < b.id ? -1 : 1)).slice(0, MOST);

/** Whether its words and its time are all that would have to be said once more. @param {Message} message */
export const canChange = ({ content, media }) => Boolean(content) && media.length === 0;

/** How long a text may be tried, in seconds. */
const VALIDITY = { least: 60, most: 86_400 };

/** How long a text is tried once it may leave, in seconds. Quiet hours let it leave later than its user said. @param {Message} message */
function validityOf({ sent_at: written, send_at: wanted, starts_at: start, expires_at: end }) {
  const from = Math.max(...[written, wanted, start].map((at) => Date.parse(at ?? '') || 0));
  return Math.min(Math.max(Math.round((Date.parse(end) - from) / 1000), VALIDITY.least), VALIDITY.most);
}

/** A text that is sent as another one was to be, but for its words and its time. @param {Message} message @param {string} content @param {Pick<Wanted, 'sendAt' | 'zone'>} when @returns {Wanted} */
export function inPlaceOf(message, content, when) {
  return {
    content,
    ...when,
    validity: validityOf(message),
    ...(message.class && { kind: message.class }),
    ...labelsOf(message),
  };
}
