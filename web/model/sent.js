import { find } from '../api/search.js';
import { Reader } from './listing.js';
import { TOGETHER } from './text.js';
import { hasFailed } from './wording.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */
/** @import { Outgoing } from './outbox.js' */

/** As many as the server gives at a time. */
const PAGE = 200;

/** What became of a text for one of several. @typedef {{key: string, number: string, message?: Message, text?: Outgoing}} Outcome */

/** What became of a text that went to several together. */
export class Sent extends Reader {
  /** @type {Map<string, Message>} */
  #messages = new Map();

  /** @param {Desk} desk @param {string} batch @param {AbortSignal} signal */
  constructor(desk, batch, signal) {
    super(signal);
    this.desk = desk;
    this.batch = batch;
    desk.messages.on((message) => message.tags[TOGETHER] === batch && this.#put(message), signal);
    desk.outbox.changes.on(() => this.changes.emit(), signal);
    desk.feed.connections.on((connection) => connection === 'live' && this.load(), signal);
  }

  load() {
    return this.read(async () => {
      for (let cursor = null, isMore = true; isMore; ) {
        const page = await find({ tag: `${TOGETHER}:${this.batch}`, limit: PAGE }, cursor);
        for (const message of page.items) this.#take(message);
        cursor = page.next;
        isMore = cursor !== null;
      }
    });
  }

  /** @returns {Outcome[]} what needs its user first */
  outcomes() {
    const texts = this.desk.outbox.those(({ batch }) => batch === this.batch);
    const waiting = texts.map((text) => ({ key: text.key, number: text.recipient, text }));
    const handed = [...this.#messages.values()].map((message) => ({ key: message.id, number: message.counterpart, message }));
    return [...waiting, ...handed].sort((a, b) => rank(a) - rank(b) || (a.number < b.number ? -1 : 1));
  }

  /** @param {Message} message */
  #put(message) {
    this.#take(message);
    this.changes.emit();
  }

  /** @param {Message} message */
  #take(message) {
    const known = this.#messages.get(message.id);
    if (!known || known.version <= message.version) this.#messages.set(message.id, message);
  }
}

/** @param {Outcome} outcome */
function rank({ text, message }) {
  if (text) return text.state === 'refused' ? 0 : 1;
  return message && hasFailed(message) ? 2 : 3;
}
