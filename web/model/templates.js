import { templates } from '../api/people.js';
import { Listing } from './listing.js';

/** @import { Template } from '../api/types.js' */
/** @import { Tabs } from '../lib/tabs.js' */

/** Texts that the user sends again and again, in all tabs. */
export class Templates extends Listing {
  /** @type {Template[]} */
  #all = [];

  /** @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(tabs, signal) {
    super(signal);
    this.tabs = tabs;
    tabs.on('templates', () => this.refresh(), signal);
  }

  /** @returns {Template[]} by name */
  list() {
    return [...this.#all].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Shows what the server keeps now, here and in all other tabs. */
  async changed() {
    this.tabs.tell('templates');
    await this.load();
  }

  /** @override */
  async readShown() {
    this.#all = await templates();
  }
}

/**
 * The text of a template with a value in the place of each field, by the rules of the API.
 *
 * @param {string} content
 * @param {Record<string, string>} values
 */
export const filled = (content, values) =>
  content.replace(/\{\{\s*([\p{Alphabetic}\p{N}_]+)\s*\}\}/gu, (place, name) => values[name] ?? place);
