import { randomUUID } from 'node:crypto';
import { MySms } from 'mysms-client';

/** @import { Settings } from 'mysms-client' */

export const url = process.env['MYSMS_URL'] ?? '';
if (url === '') throw new Error('MYSMS_URL must name a running mysms with its simulator');

export const PHONE = '+14155550123';

/** A user that nobody else is. @param {Partial<Settings>} [settings] */
export function somebody(settings = {}) {
  return MySms.signUp({ url, username: `u-${randomUUID()}`, password: 'correct horse', ...settings });
}

/**
 * The network at its worst: what becomes of the requests, one after the other; those after the last are left alone.
 *
 * A number is answered instead of the server, with the headers. `lost` reaches the server, whose answer is
 * lost; `refused` does not reach it. `cut` is a stream that ends after its first piece.
 *
 * @typedef {'ok' | 'lost' | 'refused' | 'cut' | [status: number, headers?: Record<string, string>]} Fate
 * @param {...Fate} fates
 */
export function badNetwork(...fates) {
  /** What was asked for. @type {{method: string, path: string, headers: Headers}[]} */
  const seen = [];
  /** @type {typeof globalThis.fetch} */
  const fetch = async (input, init) => {
    seen.push({
      method: init?.method ?? 'GET',
      path: String(input).slice(url.length),
      headers: new Headers(init?.headers),
    });
    const fate = fates.shift() ?? 'ok';
    if (Array.isArray(fate)) return new Response('<h1>No</h1>', { status: fate[0], headers: fate[1] ?? {} });
    if (fate === 'refused') throw new TypeError('fetch failed');
    const answer = await globalThis.fetch(input, init);
    if (fate === 'lost') throw new TypeError('fetch failed');
    if (fate === 'cut') return new Response(firstPieceOf(answer), answer);
    return answer;
  };
  return { fetch, seen, next: (/** @type {Fate[]} */ ...more) => fates.push(...more) };
}

/** @param {Response} answer */
function firstPieceOf(answer) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  return new ReadableStream({
    async start(controller) {
      let text = '';
      while (!text.includes('data:')) {
        const part = await reader.read();
        text += new TextDecoder().decode(part.value);
      }
      controller.enqueue(new TextEncoder().encode(text));
      await reader.cancel();
      controller.close();
    },
  });
}

/** A handset writes to us, or sends what else it says. @param {string} from @param {string | object} text */
export async function handsetWrites(from, text) {
  const told = /** @type {any} */ (await (await fetch(`${url}/client.json`)).json());
  const answer = await fetch(`${told.simulator_page}/inbound`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ from, ...(typeof text === 'string' ? { body: text } : text) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** @template T @param {AsyncIterable<T>} all @returns {Promise<T[]>} */
export async function collect(all) {
  const found = [];
  for await (const one of all) found.push(one);
  return found;
}
