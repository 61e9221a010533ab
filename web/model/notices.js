import { fileAddress, named } from '../lib/base.js';
import { conversationPlace, go } from '../lib/router.js';
import { inBrowser } from '../lib/storage.js';
import { Tabs } from '../lib/tabs.js';
import { formatNumber } from './number.js';
import { said } from './wording.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from './desk.js' */

/** How long another tab may take to say that it is being looked at, in milliseconds. */
const OTHERS = 200;

/** So much of a text is shown. */
const LONGEST = 160;

/**
 * Tells the user of texts that come in while no tab is looked at, by notifications of the system, if they want
 * that on this device. The tab that leads does it for all.
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

  /** It is the user who asks for it: a browser may refuse whoever asks unasked. @returns {Promise<boolean>} whether it is on */
  async turnOn() {
    const permission = await Notification.requestPermission();
    inBrowser.remember(this.#name, permission === 'granted');
    return this.isOn;
  }

  turnOff() {
    inBrowser.remember(this.#name, false);
  }

  get #name() {
    return `notices ${this.desk.user}`;
  }

  /** @param {Message} message */
  async #arrived(message) {
    if (this.isOn && this.desk.feed.leads && !(await this.#isLookedAt())) show(message);
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

/** @param {Message} message */
async function show(message) {
  const place = conversationPlace(message.counterpart);
  const title = formatNumber(message.counterpart);
  const text = said(message);
  const options = {
    body: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
    icon: fileAddress('icon.svg'),
    // The next one of a conversation takes the place of the last.
    tag: named(message.counterpart),
    data: { place },
  };
  try {
    const notice = new Notification(title, options);
    notice.onclick = () => {
      window.focus();
      go(place);
      notice.close();
    };
  } catch {
    // Phones let only the service worker show one, which opens the conversation as well.
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.showNotification(title, options);
  }
}
