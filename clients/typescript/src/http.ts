import { ApiError, NoAnswerError, NotFoundError, readError } from './errors.js';
import { Deadline } from './deadline.js';
import { pause, pauseBefore } from './retry.js';

export interface Settings {
  /** Where the messenger is, such as `https://sms.example.com`. */
  url: string;
  /** An API key (`mk_…`), or the token of a login. */
  token?: string | undefined;
  /** How often a request that failed is sent again, if that is harmless and may help. The default is 4. */
  retries?: number | undefined;
  /** Milliseconds that one try may take. The default is 30,000. */
  timeout?: number | undefined;
  /** Instead of the platform's, for a proxy or a test. */
  fetch?: typeof fetch | undefined;
}

export interface Options {
  /** Ends the request, and the waiting for its next try. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that one try may take. */
  timeout?: number | undefined;
}

type Value = string | number | boolean;
export type Query = Record<string, Value | readonly Value[] | null | undefined>;

export interface Request extends Options {
  method: string;
  path: string;
  query?: Query | undefined;
  headers?: Record<string, string> | undefined;
  body?: unknown;
  /** Doing it twice is the same as doing it once. By default only of `GET`. */
  repeatable?: boolean | undefined;
}

export interface Answer<T> {
  headers: Headers;
  body: T;
}

/** Sends requests, and sends them again where that is harmless and may help. */
export class Http {
  token: string | undefined;
  readonly #url: string;
  readonly #retries: number;
  readonly #timeout: number;
  readonly #fetch: typeof fetch;

  constructor(settings: Settings) {
    this.token = settings.token;
    this.#url = settings.url.replace(/\/+$/, '');
    this.#retries = settings.retries ?? 4;
    this.#timeout = settings.timeout ?? 30_000;
    // A browser's `fetch` has to be called as the window's.
    this.#fetch = settings.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** The whole answer, which is JSON. */
  json<T>(request: Request): Promise<Answer<T>> {
    return this.#whole(request, async (answer) => parse(await answer.text()) as T);
  }

  /** The whole answer, whatever it is. */
  blob(request: Request): Promise<Answer<Blob>> {
    return this.#whole(request, (answer) => answer.blob());
  }

  async #whole<T>(request: Request, read: (answer: Response) => Promise<T>): Promise<Answer<T>> {
    const repeatable = request.repeatable ?? request.method === 'GET';
    let perhapsDone = false;
    for (let failed = 0; ; failed += 1) {
      try {
        return await this.#once(request, read);
      } catch (error) {
        if (perhapsDone && request.method === 'DELETE' && error instanceof NotFoundError) {
          return { headers: new Headers(), body: undefined as T };
        }
        perhapsDone ||= !(error instanceof ApiError) || error.status >= 500;
        const wait = failed < this.#retries ? pauseBefore(error, failed, repeatable) : null;
        if (wait === null) throw error;
        await pause(wait, request.signal);
      }
    }
  }

  /** An answer that begins within the time for it, and whose body `deadline` can end. */
  async open(request: Request, deadline: Deadline): Promise<Response> {
    deadline.within(request.timeout ?? this.#timeout);
    const answer = await this.#exchange(request, deadline);
    deadline.within(null);
    return answer;
  }

  async #once<T>(request: Request, read: (answer: Response) => Promise<T>): Promise<Answer<T>> {
    const deadline = new Deadline(request.signal);
    try {
      deadline.within(request.timeout ?? this.#timeout);
      const answer = await this.#exchange(request, deadline);
      const body = await read(answer).catch((cause: unknown) => {
        throw cause instanceof NoAnswerError ? cause : deadline.explain(cause);
      });
      return { headers: answer.headers, body };
    } finally {
      deadline.release();
    }
  }

  /** An answer that says yes. */
  async #exchange(request: Request, deadline: Deadline): Promise<Response> {
    const { method, path, query, headers, body } = request;
    const init: RequestInit = {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: deadline.signal,
      cache: 'no-store',
      credentials: 'omit',
      // The token is for this server alone.
      redirect: 'error',
    };
    const answer = await this.#fetch(this.#url + path + search(query), init).catch((cause: unknown) =>
      deadline.explain(cause),
    );
    if (!answer.ok) throw await readError(answer);
    return answer;
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NoAnswerError('The answer is not JSON', { cause });
  }
}

function search(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, String(one)]),
  );
  const text = new URLSearchParams(pairs).toString();
  return text && `?${text}`;
}
