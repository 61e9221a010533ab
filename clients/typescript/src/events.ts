import { Deadline } from './deadline.js';
import { ApiError, NoAnswerError, RateLimitError, ServerError } from './errors.js';
import type { Http } from './http.js';
import { backoff, pause } from './retry.js';
import { BlockParser } from './sse.js';
import type { DisabledWebhook, ListedOptOut, Message } from './types.js';

/** The stream shows every 15 seconds that it is alive. */
const SILENCE = 40_000;

const LONGEST_PAUSE = 15_000;

/** What a stream tells. `id` is how far it is: `after` goes on from there. */
export type StreamEvent = { id: string } & (
  | {
      /** Read the list now: every later change is told. */
      type: 'ready';
    }
  | {
      /** A message as it is now. Of two states the one with the higher `version` is newer. */
      type: 'message';
      data: Message;
    }
  | {
      /** What was received from somebody has been seen, up to this message. */
      type: 'conversation.read';
      data: { counterpart: string; up_to: string };
    }
  | {
      /** A conversation was pinned, put aside or to be looked at again, or is so no more: read their list again. */
      type: 'conversations.marked';
    }
  | { type: 'deleted'; data: { id: string } }
  | {
      /** A webhook is called no more. */
      type: 'webhook.disabled';
      data: DisabledWebhook;
    }
  | {
      /** What somebody wants of a sender that the user looks after. Whoever was away reads `GET /opt-outs` again. */
      type: 'opt_out.changed';
      data: ListedOptOut;
    }
  | {
      /** Too much has changed, or too long ago: read the list again. */
      type: 'reset';
    }
  | {
      /** What belongs to nobody has changed, and the user may see it: read `GET /inbox/unassigned` again. */
      type: 'inbox';
    }
);

export interface EventOptions {
  /** The `id` of the last event that was handled, to be told what came since. */
  after?: string | undefined;
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  /** Is told whether the stream is connected, and why not. */
  onConnection?: ((state: 'live' | 'away', error?: unknown) => void) | undefined;
}

const TYPES: readonly string[] = ['ready', 'message', 'conversation.read', 'conversations.marked', 'deleted', 'webhook.disabled', 'opt_out.changed', 'reset', 'inbox'] satisfies StreamEvent['type'][];

/** Follows the stream, and goes on after every gap where it was. It ends by its signal or a `break`; what cannot get better is thrown. */
export async function* follow(http: Http, options: EventOptions): AsyncGenerator<StreamEvent, void, undefined> {
  const { signal, onConnection } = options;
  const place: Place = { last: options.after ?? null, retry: 2000 };
  for (let failed = 0; ; ) {
    let wait = place.retry * (1 + Math.random() / 2);
    try {
      for await (const event of connect(http, place, signal, () => onConnection?.('live'))) {
        failed = 0;
        if (event !== null) yield event;
      }
      onConnection?.('away');
    } catch (error) {
      if (signal?.aborted) return;
      if (!mayGetBetter(error)) throw error;
      onConnection?.('away', error);
      const told = error instanceof ApiError && error.retryAfter !== null ? error.retryAfter * 1000 : 0;
      wait = told + backoff(failed, LONGEST_PAUSE);
      failed += 1;
    }
    try {
      await pause(wait, signal);
    } catch {
      return;
    }
  }
}

function mayGetBetter(error: unknown): boolean {
  return error instanceof NoAnswerError || error instanceof RateLimitError || error instanceof ServerError;
}

interface Place {
  last: string | null;
  retry: number;
}

/** One connection, until it ends. `null` is a sign of life. */
async function* connect(
  http: Http,
  place: Place,
  signal: AbortSignal | undefined,
  onOpen: () => void,
): AsyncGenerator<StreamEvent | null, void, undefined> {
  const deadline = new Deadline(signal);
  try {
    const headers = place.last === null ? {} : { 'Last-Event-ID': place.last };
    const answer = await http.open({ method: 'GET', path: '/events', headers }, deadline);
    onOpen();
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    const parser = new BlockParser();
    for (;;) {
      deadline.within(SILENCE);
      const part = await reader.read().catch((cause: unknown) => deadline.explain(cause));
      // Its consumer may take as long as it likes.
      deadline.within(null);
      if (part.done) return;
      for (const { event, data, id, retry } of parser.push(decoder.decode(part.value, { stream: true }))) {
        place.last = id ?? place.last;
        place.retry = retry ?? place.retry;
        // What a later version tells is left to a later client.
        const known = data !== null && TYPES.includes(event);
        yield known ? ({ type: event, id: place.last ?? '', data: JSON.parse(data) } as StreamEvent) : null;
      }
    }
  } finally {
    deadline.release();
  }
}
