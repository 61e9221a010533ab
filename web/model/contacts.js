import { contacts } from '../api/people.js';
import { Listing } from './listing.js';
import { formatNumber, parsePart } from './number.js';

/** @import { Contact } from '../api/types.js' */
/** @import { Tabs } from '../lib/tabs.js' */

/** As many are suggested, unless more are asked for. */
const SUGGESTED = 8;

/** Whom the user knows, in all tabs. */
export class Contacts extends Listing {
  /** @type {Map<string, Contact>} */
  #known = new Map();

  /** @param {Tabs} tabs @param {AbortSignal} signal */
  constructor(tabs, signal) {
    super(signal);
    this.tabs = tabs;
    tabs.on('contacts', () => this.refresh(), signal);
  }

  /** What some were called the last time, until that is read. @type {ReadonlyMap<string, string>} */
  names = new Map();

  /** @returns {Contact[]} by name */
  list() {
    return [...this.#known.values()].sort(byName);
  }

  /** @param {string} number @returns {Contact | undefined} */
  get(number) {
    return this.#known.get(number);
  }

  /** @param {string} number @returns {string | null} what the user calls it */
  nameOf(number) {
    return (this.state === 'ready' ? this.#known.get(number)?.name : this.names.get(number)) ?? null;
  }

  /** @param {string} number @returns {string} its name, or else itself as people read it */
  shown(number) {
    return this.nameOf(number) ?? formatNumber(number);
  }

  /** @param {string} number @returns {string} its name and itself, or itself alone */
  both(number) {
    const name = this.nameOf(number);
    return name ? `${name} · ${formatNumber(number)}` : formatNumber(number);
  }

  /**
   * Those whose name, number or label has this in it; first those whose name begins with it.
   *
   * @param {string} text
   * @param {number} [most]
   * @returns {Contact[]}
   */
  find(text, most = SUGGESTED) {
    const wanted = fold(text.trim());
    if (!wanted) return this.list().slice(0, most);
    const digits = /^[+\d]/.test(text.trim()) ? parsePart(text) : null;
    const ranked = this.list().map((contact) => ({ contact, rank: rank(contact, wanted, digits) }));
    const found = ranked.filter((one) => one.rank > 0);
    // Sorting keeps the order of the names within a rank.
    return found.sort((a, b) => b.rank - a.rank).slice(0, most).map(({ contact }) => contact);
  }

  /** All labels that there are, in their order. @returns {string[]} */
  labels() {
    return [...new Set(this.list().flatMap(({ labels }) => labels))].sort((a, b) => a.localeCompare(b));
  }

  /** Shows what the server keeps now, here and in all other tabs. */
  async changed() {
    this.tabs.tell('contacts');
    await this.load();
  }

  /** @override */
  async readShown() {
    const known = new Map();
    let cursor = null;
    do {
      /** @type {import('../api/types.js').Page<Contact>} */
      const part = await contacts(cursor);
      for (const contact of part.items) known.set(contact.number, contact);
      cursor = part.next;
    } while (cursor);
    this.#known = known;
  }
}

/** @param {Contact} a @param {Contact} b */
const byName = (a, b) => a.name.localeCompare(b.name) || (a.number < b.number ? -1 : 1);

/** The same for all spellings that differ in case and accents only. @param {string} text */
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** @param {Contact} contact @param {string} wanted @param {string | null} digits */
function rank({ name, number, labels }, wanted, digits) {
  const folded = fold(name);
  if (folded.startsWith(wanted)) return 3;
  if (folded.split(/\s+/).some((word) => word.startsWith(wanted))) return 2;
  const isThere = folded.includes(wanted) || labels.some((label) => fold(label).includes(wanted)) || (digits !== null && number.includes(digits));
  return isThere ? 1 : 0;
}
