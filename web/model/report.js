import { cancel } from '../api/client.js';
import { every, find } from '../api/search.js';
import { Problem } from '../api/http.js';
import { translated, words } from '../lib/words.js';
import { CAMPAIGN, ROW } from './campaign.js';
import { lineOf } from './csv.js';
import { Reader } from './listing.js';
import { hasFailed, statusName } from './wording.js';

/** @import { Message, Status } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */
/** @import { Campaign } from './campaign.js' */
/** @import { Desk } from './desk.js' */

/** News that come together are read together, within so many milliseconds; of a long list they wait longer. */
const TOGETHER = 1500;
const FACTOR = 10;

/** As many as the server gives at a time, and as many as are taken back at the same time. */
const PAGE = 200;
const AT_ONCE = 4;

/** So many lines of a file are one piece of it. */
const PIECE = 5000;

/**
 * What the server knows of a campaign.
 *
 * @typedef {object} Tally
 * @property {number} all
 * @property {number} segments
 * @property {Map<Status, number>} statuses
 * @property {Map<string, {reason: Said, count: number}>} reasons why texts failed, and how many of them
 * @property {Set<number>} rows of the file that the server has
 */

/** @returns {Tally} */
const nothing = () => ({ all: 0, segments: 0, statuses: new Map(), reasons: new Map(), rows: new Set() });

/** What became of a campaign, by its tag: whichever browser sent it. */
export class Report extends Reader {
  /** @type {number | undefined} */
  #timer;
  #reading = false;
  #isOld = false;
  /** How long it took the last time, in milliseconds. */
  #took = 0;

  tally = nothing();

  /** @param {Desk} desk @param {string} name @param {AbortSignal} signal */
  constructor(desk, name, signal) {
    super(signal);
    this.desk = desk;
    this.name = name;
    this.over = signal;
    desk.messages.on((message) => message.tags[CAMPAIGN] === name && this.#soon(), signal);
    desk.campaigns.changes.on(() => this.#soon(), signal);
    desk.feed.connections.on((connection) => connection === 'live' && this.#soon(), signal);
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  get search() {
    return { tag: `${CAMPAIGN}:${this.name}` };
  }

  async load() {
    if (this.#reading) {
      this.#isOld = true;
      return;
    }
    this.#reading = true;
    const begun = performance.now();
    await this.read(async () => {
      const tally = nothing();
      for await (const message of every(this.search, this.over)) count(tally, message);
      this.tally = tally;
    });
    this.#took = performance.now() - begun;
    this.#reading = false;
    if (this.#isOld) this.#soon();
    this.#isOld = false;
  }

  /** @param {Campaign | undefined} campaign as far as this browser has sent it @returns {Promise<Blob>} a table with a line for each row */
  async table(campaign) {
    /** @type {Blob[]} */
    const pieces = [];
    let lines = [`\ufeff${lineOf(Object.values(words.table.heads))}`];
    const put = (/** @type {(string | number | null)[]} */ fields) => {
      lines.push(lineOf(fields));
      if (lines.length < PIECE) return;
      pieces.push(new Blob(lines));
      lines = [];
    };
    /** @type {Set<number>} */
    const rows = new Set();
    for await (const message of every(this.search, this.over)) {
      const { counterpart, status, error_message: reason, content, segments, sent_at: at, dispatched_at: left, delivered_at: arrived } = message;
      rows.add(Number(message.tags[ROW]));
      put([message.tags[ROW] ?? '', counterpart, statusName(status), reason, content, segments, at, left, arrived]);
    }
    const parts = campaign ? this.desk.campaigns.rest(campaign) : [];
    for await (const { refused, due } of parts) {
      for (const { row, number, content, reason } of refused) if (!rows.has(row)) put([row, number, words.report.refused, reason, content, null, null, null, null]);
      for (const { row, number, content } of due) if (!rows.has(row)) put([row, number, campaign?.state === 'canceled' ? words.report.refused : words.report.waits, '', content, null, null, null, null]);
    }
    return new Blob([...pieces, ...lines], { type: 'text/csv' });
  }

  /**
   * Takes back what waits at the server.
   *
   * @param {(count: number) => void} progress
   * @returns {Promise<{canceled: number, late: number}>} `late` were already going out
   */
  async takeBack(progress) {
    /** @type {Set<string>} */
    const asked = new Set();
    const told = { canceled: 0, late: 0 };
    const take = async (/** @type {Message[]} */ waiting) => {
      for (let message; !this.over.aborted && (message = waiting.shift()); ) {
        asked.add(message.id);
        if (await this.#cancel(message)) told.canceled += 1;
        else told.late += 1;
        progress(asked.size);
      }
    };
    for (let isMore = true; isMore && !this.over.aborted; ) {
      isMore = false;
      for (let cursor = null, isFirst = true; isFirst || cursor; isFirst = false) {
        const page = await find({ ...this.search, status: 'queued', limit: PAGE }, cursor);
        const waiting = page.items.filter(({ id }) => !asked.has(id));
        isMore ||= waiting.length > 0;
        await Promise.all(Array.from({ length: AT_ONCE }, () => take(waiting)));
        cursor = page.next;
      }
    }
    return told;
  }

  /** @param {Message} message @returns {Promise<boolean>} false if it is too late */
  async #cancel({ id }) {
    try {
      this.desk.put(await cancel(this.desk.user, id, this.over));
      return true;
    } catch (error) {
      if (error instanceof Problem && (error.status === 409 || error.status === 404)) return false;
      throw error;
    }
  }

  #soon() {
    if (this.over.aborted) return;
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined;
      this.load();
    }, Math.max(TOGETHER, FACTOR * this.#took));
  }
}

/** @param {Tally} tally @param {Message} message */
function count(tally, message) {
  tally.all += 1;
  tally.segments += message.segments ?? 0;
  tally.statuses.set(message.status, (tally.statuses.get(message.status) ?? 0) + 1);
  const row = Number(message.tags[ROW]);
  if (row > 0) tally.rows.add(row);
  if (!hasFailed(message)) return;
  const { error_code: code, error_message: sentence } = message;
  const reason = sentence ? translated(words.reasons, code, sentence) : statusName(message.status);
  tally.reasons.set(String(reason), { reason, count: (tally.reasons.get(String(reason))?.count ?? 0) + 1 });
}
