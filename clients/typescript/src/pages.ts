/** A part of a list. */
export interface Page<T> {
  items: T[];
  /** The cursor of the next part; `null` after the last. */
  next: string | null;
}

/**
 * A list that is read part by part, as far as somebody goes through it:
 *
 *     for await (const message of sms.messages()) …
 *     for await (const page of sms.messages({ limit: 50 }).pages()) …
 */
export class Pages<T> implements AsyncIterable<T> {
  readonly #read: (cursor: string | undefined) => Promise<Page<T>>;
  readonly #from: string | undefined;

  constructor(read: (cursor: string | undefined) => Promise<Page<T>>, from?: string) {
    this.#read = read;
    this.#from = from;
  }

  /** The parts. One may be short or empty although others follow: a search looks through so many texts at a time. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    for (let cursor = this.#from; ; ) {
      const page = await this.#read(cursor);
      yield page;
      if (page.next === null) return;
      cursor = page.next;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }
}
