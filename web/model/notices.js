import { session, sessions } from '../api/session.js';
import { inBrowser } from '../lib/storage.js';
import { Tabs } from '../lib/tabs.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */

/** How long another tab may take to say that it is being looked at, in milliseconds. */
const OTHERS = 200;

/**
 * Tells the user of texts that come in while no tab is looked at, by notifications of the system, if they want
 * that on this device. The tab that leads does it for all; while none is open, or none is awake, the service worker
 * does. Either does it by a notification of the service worker's: only those take the place of each other, and can be
 * closed by all.
 */
export class Notices {
  #tabs;

  /** @param {Desk} desk @param {AbortSignal} signal */
  constructor(desk, signal) {
    this.desk = desk;
    this.#tabs = new Tabs(`focus.${desk.user}`);
    signal.addEventListener('abort', () => this.#tabs.close());
    this.#tabs.on('focus?', () => document.hasFocus() && this.#tabs.tell('focus'), signal);
    desk.arrivals.on((message) => this.#arrived(message), signal);
    // Without a token yet it is asked for when there is one, as for a login that begins later.
    if (!this.isOn) this.#leave();
    else if (session()?.token) this.#push();
    sessions.on((next) => next?.token && !next.expired && this.isOn && this.#push(), signal);
    signal.addEventListener('abort', () => session() || this.#leave());
    desk.feed.events.on(({ type, data }) => type === 'conversation.read' && this.#read(data.counterpart), signal);
  }

  /** Whether this browser can show any: it does so over TLS and on this machine alone. */
  static get canBe() {
    return globalThis.Notification !== undefined && isSecureContext;
  }

  /** Whether the browser was told to show none of this page's. */
  get isForbidden() {
    return Notification.permission === 'denied';
  }

  /** What the user wants on this device; `null` if they have not said so. @returns {boolean | null} */
  get wanted() {
    return inBrowser.recall(this.#name);
  }

  get isOn() {
    return Notices.canBe && this.wanted === true && Notification.permission === 'granted';
  }

  /** Whether a notification shows what was written, which others may see on the screen. */
  get withText() {
    return inBrowser.recall(`${this.#name} text`) === true;
  }

  /**
   * It is the user who asks for it: a browser may refuse whoever asks unasked.
   *
   * @returns {Promise<boolean>} whether they are told while no page is open as well
   */
  async turnOn() {
    const permission = await Notification.requestPermission();
    inBrowser.remember(this.#name, permission === 'granted');
    return this.isOn && this.#push();
  }

  async turnOff() {
    inBrowser.remember(this.#name, false);
    const { endPush } = await import('./push.js');
    // What is told all the same by then is not shown.
    await endPush().catch(() => {});
  }

  /** @param {boolean} isWanted */
  async showText(isWanted) {
    inBrowser.remember(`${this.#name} text`, isWanted);
    if (this.isOn) await this.#push();
  }

  /** @returns {Promise<boolean>} whether the browser can be told while no page is open */
  async #push() {
    try {
      const { startPush } = await import('./push.js');
      return await startPush(this.desk.user, this.withText);
    } catch {
      // Its push service is away, or it has none.
      return false;
    }
  }

  /** @param {string} number */
  async #read(number) {
    if (this.isOn) (await import('./push.js')).closeRead(number);
  }

  /** Whoever was told here before is told nothing more. */
  async #leave() {
    if (!this.isOn && inBrowser.recall('push') === null) return;
    const { leavePush } = await import('./push.js');
    await leavePush().catch(() => {});
  }

  get #name() {
    return `notices ${this.desk.user}`;
  }

  /** @param {Message} message */
  async #arrived(message) {
    if (!this.isOn || !this.desk.feed.leads || (await this.#isLookedAt())) return;
    const { notify } = await import('./push.js');
    await notify(message, this.desk.contacts.nameOf(message.counterpart), this.withText);
  }

  /** @returns {Promise<boolean>} whether any tab is */
  #isLookedAt() {
    if (document.hasFocus()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const over = new AbortController();
      const done = (/** @type {boolean} */ is) => {
        over.abort();
        resolve(is);
      };
      this.#tabs.on('focus', () => done(true), over.signal);
      setTimeout(() => done(false), OTHERS);
      this.#tabs.tell('focus?');
    });
  }
}
