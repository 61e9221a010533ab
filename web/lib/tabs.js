import { named } from './base.js';

/** What the tabs of a browser tell each other. Nobody hears what they said themselves. */
export class Tabs {
  #channel;

  /** @param {string} name */
  constructor(name) {
    this.#channel = new BroadcastChannel(named(name));
  }

  /** @param {string} kind @param {unknown} [value] */
  tell(kind, value = null) {
    this.#channel.postMessage({ kind, value });
  }

  /**
   * @param {string} kind
   * @param {(value: any) => void} listener
   * @param {AbortSignal} signal ends it
   */
  on(kind, listener, signal) {
    this.#channel.addEventListener('message', ({ data }) => data.kind === kind && listener(data.value), { signal });
  }

  close() {
    this.#channel.close();
  }
}
