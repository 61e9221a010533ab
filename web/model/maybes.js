import { maybes } from '../api/consent.js';
import { Problem } from '../api/http.js';
import { Listing, PART } from './listing.js';

/** @import { ListedOptOut } from '../api/types.js' */
/** @import { Desk } from './desk.js' */

/** Who wrote what only looks like a STOP, for a user who looks after some sender. */
export class Maybes extends Listing {
  /** Whether the user may see them; that is not known at first. @type {boolean | null} */
  open = null;
  /** By sender, then by number. @type {ListedOptOut[]} */
  people = [];

  /** @param {Desk} desk @param {AbortSignal} signal */
  constructor(desk, signal) {
    super(signal);
    const outdated = () => this.open !== false && this.refresh();
    desk.feed.events.on(({ type }) => ['opt_out.changed', 'ready', 'reset'].includes(type) && outdated(), signal);
    // What changed while nothing was heard is not told afterwards.
    desk.feed.connections.on((connection) => connection === 'live' && outdated(), signal);
  }

  /** @override */
  async readShown() {
    const { items, next } = await this.readPages(maybes, () => this.people.length);
    [this.open, this.people] = [true, items];
    this.next = next;
  }

  /** Reads others. */
  more() {
    return this.read(async () => {
      const page = await maybes(PART, this.next);
      this.people = [...this.people, ...page.items];
      this.next = page.next;
    });
  }

  /** @param {ListedOptOut} one of whom is known what they meant */
  drop(one) {
    this.people = this.people.filter((other) => other !== one);
    this.outdate();
    this.changes.emit();
  }

  /** @override @param {unknown} error */
  failed(error) {
    if (error instanceof Problem && error.status === 403) [this.open, this.people, this.next] = [false, [], null];
    super.failed(error);
  }
}

/** @type {WeakMap<Desk, Maybes>} */
const known = new WeakMap();

/** Those of a user, which are read from when they are first asked for. @param {Desk} desk */
export function maybesOf(desk) {
  const maybes = known.get(desk) ?? new Maybes(desk, desk.signal);
  known.set(desk, maybes);
  maybes.load();
  return maybes;
}

/** One for several senders. @param {ListedOptOut} one */
export const keyOf = ({ number, sender }) => `${sender ?? ''} ${number}`;
