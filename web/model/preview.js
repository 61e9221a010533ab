import { preview } from '../api/client.js';
import { Channel } from '../lib/channel.js';
import { cost } from './segments.js';
import { asRequest } from './text.js';

/** @import { Preview as Told } from '../api/types.js' */
/** @import { Setup } from './setup.js' */
/** @import { Wanted } from './text.js' */

/** Nobody is asked at every letter; in milliseconds. */
const PAUSE = 350;

/** What waits moves on, so it is asked for again; in milliseconds. */
const AGAIN = 30_000;

/** What the server tells of a text that is being written. It is asked only where it may have something to tell. */
export class Preview {
  /** The latest request, as it was sent. */
  #asked = '';
  /** The one that was answered. */
  #answered = '';
  #over = new AbortController();
  #timer = 0;
  #always = false;

  /** Nothing, as long as nothing is known. @type {Told | null} */
  told = null;
  /** What smart encoding puts in the place of which character, as far as it is known. @type {Map<string, string>} */
  replacements = new Map();
  /** @type {Channel<void>} */
  changes = new Channel();

  /** @param {Setup} setup @param {AbortSignal} signal */
  constructor(setup, signal) {
    this.setup = setup;
    signal.addEventListener('abort', () => this.#stop());
  }

  /** @param {string | null} recipient @param {Wanted} text @param {boolean} [always] there is something to tell of any text */
  ask(recipient, text, always = false) {
    this.#always = always;
    const asked = this.#request(recipient, text);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#stop();
    if (asked) this.#timer = window.setTimeout(() => this.#run(asked), PAUSE);
    else this.#tell(null);
  }

  /**
   * What is wrong with a text, if it is the one that was told about.
   *
   * @param {string | null} recipient
   * @param {Wanted} text
   */
  faultsOf(recipient, text) {
    return this.told && this.#answered === this.#request(recipient, text) ? this.told.errors : [];
  }

  /** @param {string | null} recipient @param {Wanted} text @returns {string} empty if there is nothing to ask */
  #request(recipient, text) {
    const dear = cost(text.content).foreign.length > 0;
    if (!text.content.trim() || !(this.#always || dear || this.setup.isTimed() || this.setup.isPaused() || text.zone)) return '';
    // Whether or not they are wanted: what plain characters would do is to be known.
    return JSON.stringify({ ...asRequest(text), ...(recipient && { recipient }), ...(dear && { smart_encoding: true }) });
  }

  /** @param {string} asked */
  async #run(asked) {
    this.#timer = window.setTimeout(() => this.#run(asked), AGAIN);
    if (document.hidden) return;
    const over = new AbortController();
    this.#over = over;
    // Without an answer nothing is told; sending will say what is wrong.
    const told = await preview(JSON.parse(asked), over.signal).catch(() => null);
    if (over.signal.aborted) return;
    this.#answered = asked;
    for (const { from, to } of told?.encoding_changes ?? []) this.replacements.set(from, to);
    this.#tell(told);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  /** @param {Told | null} told */
  #tell(told) {
    if (told === null && this.told === null) return;
    this.told = told;
    this.changes.emit();
  }
}
