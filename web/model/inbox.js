import { me, unassigned } from '../api/client.js';
import { Problem } from '../api/http.js';
import { Listing, PART } from './listing.js';

/** @import { Message } from '../api/types.js' */

/** What belongs to nobody, for a user who may see it. */
export class Inbox extends Listing {
  /** Whether the user may see it; that is not known at first. @type {boolean | null} */
  open = null;
  /** The newest first. @type {Message[]} */
  texts = [];

  /** @returns {string} how many there are, as far as it is known; empty if there are none */
  count() {
    return this.texts.length === 0 ? '' : `${this.texts.length}${this.next ? '+' : ''}`;
  }

  /** @override */
  async readShown() {
    const { inbox } = await me();
    const page = inbox ? await this.readPages(unassigned, () => this.texts.length) : { items: [], next: null };
    [this.open, this.texts] = [inbox, page.items];
    this.next = page.next;
  }

  /** Reads older ones. */
  more() {
    return this.read(async () => {
      const page = await unassigned(PART, this.next);
      this.texts = [...this.texts, ...page.items];
      this.next = page.next;
    });
  }

  /** @param {string} id of a text that belongs to somebody now */
  drop(id) {
    this.texts = this.texts.filter((text) => text.id !== id);
    this.outdate();
    this.changes.emit();
  }

  /** @override @param {unknown} error */
  failed(error) {
    if (error instanceof Problem && error.status === 403) {
      [this.open, this.texts] = [false, []];
      this.next = null;
    }
    super.failed(error);
  }
}
