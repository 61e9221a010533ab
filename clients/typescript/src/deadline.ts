import { NoAnswerError } from './errors.js';

/** Ends what has its signal when a time is over or the caller says so. (Node 18 has no `AbortSignal.any`.) */
export class Deadline {
  readonly #late = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #abort = (): void => this.#late.abort(this.#caller?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #time = 0;
  #over = false;

  constructor(caller?: AbortSignal) {
    this.#caller = caller;
    if (caller?.aborted) this.#abort();
    else caller?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  /** Begins anew with so many milliseconds; `null` is without end. */
  within(milliseconds: number | null): void {
    clearTimeout(this.#timer);
    if (milliseconds === null) return;
    this.#time = milliseconds;
    this.#timer = setTimeout(() => {
      this.#over = true;
      this.#late.abort();
    }, milliseconds);
  }

  /** Throws what the end of an exchange means: that its caller wanted it, or that there was no answer. */
  explain(cause: unknown): never {
    if (this.#caller?.aborted) throw this.#caller.reason;
    const why = this.#over ? `No answer within ${this.#time / 1000} seconds` : 'The server cannot be reached';
    throw new NoAnswerError(why, { cause });
  }

  /** Ends what still goes on, and waits for nothing any more. */
  release(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
    this.#late.abort();
  }
}
