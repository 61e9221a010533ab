import { follow } from '../api/stream.js';
import { Channel } from '../lib/channel.js';

/** @import { Connection, StreamEvent } from '../api/stream.js' */
/** @import { Tabs } from '../lib/tabs.js' */
/** @import { Outbox } from './outbox.js' */

/** What is told of a text of ours waits for the answer to its request, but no longer, in milliseconds. */
const PATIENCE = 3000;

/**
 * What becomes of the user's messages, by one stream for all tabs: a browser may have only so many connections.
 * Whichever tab leads follows it, and passes on what it hears and how far it is. So the next one goes on there.
 */
export class Feed {
  /** @type {Channel<StreamEvent>} */
  events = new Channel();
  /** @type {Channel<Connection>} */
  connections = new Channel();
  /** @type {Connection} */
  connection = 'live';

  /** Up to where everything was told here. @type {string | null} */
  #last = null;
  #leads = false;
  /** Places are told in their order, though what is in front of them may wait. @type {Promise<void>} */
  #inOrder = Promise.resolve();

  /** @param {Outbox} outbox @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(outbox, tabs, signal) {
    this.outbox = outbox;
    this.tabs = tabs;
    tabs.on('event', (event) => this.events.emit(event), signal);
    tabs.on('place', (last) => (this.#last = last), signal);
    tabs.on('connection', (connection) => this.#connected(connection), signal);
    tabs.on('connection?', () => this.#leads && this.#tellWhere(), signal);
    tabs.tell('connection?');
  }

  /** Whether this tab does what one of all has to do. */
  get leads() {
    return this.#leads;
  }

  /** Follows the stream for all tabs until `signal`. @param {AbortSignal} signal */
  lead(signal) {
    this.#leads = true;
    signal.addEventListener('abort', () => (this.#leads = false));
    const hear = (/** @type {StreamEvent | null} */ event, /** @type {string | null} */ place) => {
      const told = event ? this.#pass(event, signal) : Promise.resolve();
      this.#inOrder = Promise.all([this.#inOrder, told]).then(() => {
        if (signal.aborted || place === null) return;
        this.#last = place;
        this.tabs.tell('place', place);
      });
    };
    const connected = (/** @type {Connection} */ connection) => {
      if (signal.aborted || this.connection === connection) return;
      this.#connected(connection);
      this.tabs.tell('connection', connection);
    };
    follow(this.#last, hear, connected, signal);
  }

  /** Ours is shown as it is being sent, until the answer says which one it is. @param {StreamEvent} event @param {AbortSignal} signal */
  async #pass(event, signal) {
    const { type, data } = event;
    if (type === 'message' && data.direction === 'outbound') {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
      await Promise.race([this.outbox.settled(data.counterpart), late]);
    }
    if (signal.aborted) return;
    this.tabs.tell('event', event);
    this.events.emit(event);
  }

  #tellWhere() {
    this.tabs.tell('connection', this.connection);
    if (this.#last) this.tabs.tell('place', this.#last);
  }

  /** @param {Connection} connection */
  #connected(connection) {
    if (this.connection === connection) return;
    this.connection = connection;
    this.connections.emit(connection);
  }
}
