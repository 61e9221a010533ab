import { ApiError, NoAnswerError } from './errors.js';

/** Longer than this nothing waits for its next try, in milliseconds; what would have to is thrown. */
export const PATIENCE = 60_000;

/** The server has refused these before it did anything. */
const REFUSED = [408, 429];

/** Something before the server may answer these after the server has done what was asked. */
const UNCLEAR = [502, 503, 504];

/**
 * How long to wait before a request that failed is sent again, in milliseconds; `null` if it must not be,
 * or need not be tried.
 *
 * @param failed how often it has failed before
 * @param repeatable whether doing it twice is the same as doing it once
 */
export function pauseBefore(error: unknown, failed: number, repeatable: boolean): number | null {
  if (error instanceof NoAnswerError) return repeatable ? backoff(failed) : null;
  if (!(error instanceof ApiError)) return null;
  const worth = REFUSED.includes(error.status) || (repeatable && UNCLEAR.includes(error.status));
  if (!worth) return null;
  if (error.retryAfter === null) return backoff(failed);
  // Never earlier than told, and not everybody at once.
  const told = error.retryAfter * 1000;
  return told > PATIENCE ? null : told + Math.random() * 1000;
}

/** Longer each time, up to `longest`, and not for all clients at once. */
export function backoff(failed: number, longest = 8000): number {
  const full = Math.min(longest, 500 * 2 ** Math.min(failed, 10));
  return full * (0.5 + Math.random() / 2);
}

/** Rejects with the signal's reason as soon as that is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
