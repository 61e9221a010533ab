import { queued } from '../api/queued.js';
import { CAMPAIGN, isDue } from './campaign.js';

/** @import { Campaign } from './campaign.js' */

/** As many texts are handed over at a time: few at first, twice as many each time that all have left, and never more than one request takes. */
const FEW = 50;
const MOST = 1000;

/** While more than these wait at the server, no others are handed over. */
const ENOUGH = FEW / 2;

/** How long it takes until it is looked again how many wait, the first time and at the longest, in milliseconds. */
const FIRST_LOOK = 500;
const LAST_LOOK = 10_000;

/**
 * How much of a campaign is handed over at a time. What waits at the server leaves whatever is pressed here, so
 * no more waits there than leaves soon: then a pause is one.
 */
export class Pacing {
  /** @type {Map<string, {most: number, look: number, until: number}>} */
  #known = new Map();

  /** Until when it is not looked again. @param {string} id */
  restsUntil(id) {
    return this.#known.get(id)?.until ?? 0;
  }

  /** How many texts may be handed over now; 0 while enough wait. @param {Campaign} campaign @param {AbortSignal} signal @returns {Promise<number>} */
  async most({ id, name, terms }, signal) {
    // What has a time of its own waits for it there, and this page may be closed meanwhile.
    if (!isDue(terms, Date.now())) return MOST;
    const known = this.#known.get(id) ?? { most: 0, look: FIRST_LOOK, until: 0 };
    const waiting = await leaving(name, signal);
    if (waiting > ENOUGH) {
      const look = known.until > 0 ? Math.min(LAST_LOOK, 2 * known.look) : FIRST_LOOK;
      const most = known.look === LAST_LOOK ? Math.ceil(known.most / 2) : known.most;
      this.#known.set(id, { most: Math.max(FEW, most), look, until: Date.now() + look });
      return 0;
    }
    const most = waiting === 0 ? Math.min(MOST, 2 * known.most) : known.most;
    this.#known.set(id, { most: Math.max(FEW, most), look: FIRST_LOOK, until: 0 });
    return Math.max(FEW, most);
  }
}

/** How many texts of a campaign wait at the server for nothing but their turn, as far as it matters. @param {string} name @param {AbortSignal} signal */
async function leaving(name, signal) {
  const waiting = await queued(`${CAMPAIGN}:${name}`, FEW, signal);
  const now = Date.now();
  return waiting.filter(({ starts_at: at }) => at === null || Date.parse(at) <= now).length;
}
