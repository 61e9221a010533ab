import { senders, userSettings } from '../api/client.js';
import { Channel } from '../lib/channel.js';
import { words } from '../lib/words.js';
import { senderName } from './sender.js';

/** @import { Message, Sender, UserSettings } from '../api/types.js' */

/** @type {UserSettings} */
const USUAL = { quiet_hours: null, smart_encoding: false };

/** From where the user's texts may leave, and what the user has set for all of them. */
export class Setup {
  /** @type {Sender[]} */
  #senders = [];
  /** @type {Promise<void> | null} */
  #reading = null;
  settings = USUAL;
  /** @type {Channel<void>} */
  changes = new Channel();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
  }

  /** Reads both, once for all who ask meanwhile. What cannot be read stays as it was known. */
  load() {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #read() {
    const reading = [senders().catch(() => this.#senders), userSettings().catch(() => this.settings)];
    const [known, settings] = await Promise.all(/** @type {[Promise<Sender[]>, Promise<UserSettings>]} */ (reading));
    this.#senders = known;
    this.set(settings);
  }

  /** @param {UserSettings} settings as the server has them */
  set(settings) {
    this.settings = settings;
    if (!this.signal.aborted) this.changes.emit();
  }

  /** @returns {string[]} what a text may leave from, if there is a choice */
  choices() {
    const able = this.#senders.filter((sender) => sender.state === 'active').map((sender) => sender.address);
    return able.length > 1 ? able : [];
  }

  /** @param {string} address @returns {number | null} segments a second that leave it, if that is limited */
  rateOf(address) {
    return this.#senders.find((sender) => sender.address === address)?.rate ?? null;
  }

  /** @param {string} [address] @returns {boolean} whether nothing leaves a sender now, or one of them */
  isPaused(address) {
    return this.#senders.some((sender) => sender.paused && (!address || sender.address === address));
  }

  /**
   * Which sender of ours a message went through, if that is worth telling: there is more than one, or it is
   * another one than today's.
   *
   * @param {Message} message
   * @returns {string} empty if not
   */
  route({ direction, sender, recipient }) {
    const several = this.#senders.length > 1;
    if (direction === 'inbound') return several && recipient ? words.bubble.to(senderName(recipient)) : '';
    const other = this.#senders.length === 1 && this.#senders[0]?.address !== sender;
    return sender && (several || other) ? words.bubble.from(senderName(sender)) : '';
  }

  /** Whether texts may leave later than at once, whatever is paused, so that it is worth asking when. */
  isTimed() {
    const paced = this.#senders.length > 1 || this.#senders.some((sender) => sender.rate !== null);
    return paced || this.settings.quiet_hours !== null;
  }
}
