import { backoff, pause } from '../lib/pause.js';
import { ask, Problem } from './http.js';
import { loggedInAgain } from './session.js';

/**
 * @typedef {{type: 'ready' | 'reset' | 'inbox' | 'message' | 'conversation.read' | 'conversations.marked' | 'deleted' | 'webhook.disabled' | 'opt_out.changed', data: any}} StreamEvent
 * @typedef {'live' | 'away'} Connection
 */

/** The stream shows every 15 seconds that it is alive. */
const SILENCE = 40_000;

/**
 * Follows what becomes of the user's messages and webhooks, and goes on after every gap where it was, until `signal`.
 *
 * @param {string | null} last where to go on; `null` is from now on
 * @param {(event: StreamEvent | null, id: string | null) => void} onEvent the place behind it, or a place alone
 * @param {(connection: Connection) => void} onConnection
 * @param {AbortSignal} signal
 */
export async function follow(last, onEvent, onConnection, signal) {
  let failed = 0;
  while (!signal.aborted) {
    try {
      await listen(last, signal, (event, id) => {
        failed = 0;
        if (id) last = id;
        onConnection('live');
        if (event || id) onEvent(event, id ?? null);
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status === 401) await loggedInAgain(signal);
      // It does not know where we were, whatever the reason.
      else if (error instanceof Problem && error.status === 400) last = null;
    }
    if (signal.aborted) return;
    onConnection('away');
    await pause(backoff(failed, 15_000), signal);
    failed += 1;
  }
}

/**
 * Reads one stream until it ends.
 *
 * @param {string | null} last
 * @param {AbortSignal} signal
 * @param {(event: StreamEvent | null, id: string | undefined) => void} hear nothing but an id if it is only alive
 */
async function listen(last, signal, hear) {
  const cut = new AbortController();
  const abort = () => cut.abort();
  signal.addEventListener('abort', abort, { signal: cut.signal });
  addEventListener('offline', abort, { signal: cut.signal });
  let timer = setTimeout(abort, SILENCE);
  try {
    /** @type {Record<string, string>} */
    const headers = last === null ? {} : { 'Last-Event-ID': last };
    const answer = await ask('events', { headers, signal: cut.signal });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let part; !(part = await reader.read()).done; ) {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENCE);
      const blocks = (text + decoder.decode(part.value, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const { event, id } = parse(block);
        hear(event, id);
      }
    }
  } finally {
    clearTimeout(timer);
    abort();
  }
}

/** @param {string} block @returns {{event: StreamEvent | null, id: string | undefined}} */
function parse(block) {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s)));
  const event = fields.data ? { type: fields.event, data: JSON.parse(fields.data) } : null;
  return { event, id: fields.id };
}
