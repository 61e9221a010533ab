import { randomKey } from './crypto.js';
import { MySmsError } from './errors.js';
import { follow, type EventOptions, type StreamEvent } from './events.js';
import { Http, type Options, type Query, type Settings } from './http.js';
import { fill, type AnswerOf, type Arguments, type Input, type Method, type Operation, type PathOf } from './operation.js';
import { Pages } from './pages.js';
import type { operations } from './schema.js';
import type {
  Accepted, Batch, BatchAnswer, Conversation, DetailedMessage, LoggedIn, Me, Message, Preview, Sender, Status, Text,
} from './types.js';

/** The largest part of a list that the server gives at once. */
const LARGEST_PAGE = 200;

export interface SendOptions extends Options {
  /** Repeating the same request with the same key sends it once. Made up, unless it is said here. */
  idempotencyKey?: string | undefined;
}

/** Which part of a list: `limit` is how many a part has, and `cursor` the `next` of the one before. */
export type ListOptions = Options & QueryOf<'readConversation'>;

/** Which of the caller's texts; all that is given has to hold. */
export type MessageFilter = Options &
  Omit<QueryOf<'listMessages'>, 'status' | 'since' | 'until'> & {
    status?: Status | readonly Status[];
    since?: string | Date;
    until?: string | Date;
  };

type QueryOf<O extends keyof operations> = operations[O] extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : never;

/** A caller of one messenger: whoever the key or the token belongs to. */
export class MySms {
  readonly #http: Http;
  #user: string | undefined;

  constructor(settings: Settings) {
    this.#http = new Http(settings);
  }

  /** By name and password, for a person. Programs use a key. The token is good for a day: see `renew`. */
  static async logIn(settings: Settings & { username: string; password: string }): Promise<MySms> {
    const { username, password, ...rest } = settings;
    const sms = new MySms(rest);
    sms.#enter(await sms.request('post', '/login', { body: { username, password } }));
    return sms;
  }

  /** Makes a user, and logs them in. */
  static async signUp(settings: Settings & { username: string; password: string; invite?: string }): Promise<MySms> {
    const { username, password, invite, ...rest } = settings;
    const sms = new MySms(rest);
    const body = { username, password, ...(invite === undefined ? {} : { invite }) };
    sms.#enter(await sms.request('post', '/signup', { body }));
    return sms;
  }

  /** The key or token that requests carry now. */
  get token(): string | undefined {
    return this.#http.token;
  }

  /** Gets a new token for the one of a login. It is asked for once: if that fails, the old one stays good for its time. */
  async renew(): Promise<LoggedIn> {
    const login = await this.request('post', '/me/token');
    this.#enter(login);
    return login;
  }

  /** Ends this login, or all of the user's. */
  async logOut(options: Options & { everywhere?: boolean } = {}): Promise<void> {
    const { everywhere = false, ...rest } = options;
    await this.request('post', '/logout', { ...rest, query: { everywhere } });
  }

  me(options: Options = {}): Promise<Me> {
    return this.request('get', '/me', options);
  }

  /** What texts can leave from. */
  senders(options: Options = {}): Promise<Sender[]> {
    return this.request('get', '/senders', options);
  }

  /**
   * Sends a text once, however often the request has to be repeated. When this returns, the text is stored
   * for good; what becomes of it, `message` and `events` tell.
   */
  send(text: Text, options: SendOptions = {}): Promise<Accepted> {
    return this.#send('/messages', text, options);
  }

  /** Sends up to 1,000 texts. Each has an answer of its own, in order; the same batch with the same key sends what is still missing. */
  sendBatch(batch: Batch, options: SendOptions = {}): Promise<BatchAnswer> {
    return this.#send('/messages/batch', batch, options);
  }

  /** What would become of a text, what it would cost, and what is wrong with it. Nothing is sent. */
  preview(text: Text, options: Options = {}): Promise<Preview> {
    return this.request('post', '/messages/preview', { ...options, body: text, repeatable: true });
  }

  /** What the caller sent, oldest first unless `order` says otherwise. */
  messages(filter: MessageFilter = {}): Pages<Message> {
    const { status, since, until, ...rest } = filter;
    const statuses = status === undefined ? undefined : [status].flat().join(',');
    return this.#pages('/messages', { ...rest, status: statuses, since: moment(since), until: moment(until) });
  }

  /** One text, with all that happened to it. */
  async message(id: string, options: Options = {}): Promise<DetailedMessage> {
    const path = await this.#own(id, options);
    return this.request('get', '/messages/{user}/{id}', { ...options, path });
  }

  /**
   * A picture or another file of a text that was received, by its place among `media`; the blob's `type` says
   * what it is. It is read as a whole within the `timeout`.
   */
  async media(id: string, index: number, options: Options = {}): Promise<Blob> {
    const path = fill('/messages/{user}/{id}/media/{index}', { ...(await this.#own(id, options)), index: `${index}` });
    return (await this.#http.blob({ ...options, method: 'GET', path })).body;
  }

  /** Takes a text back that is still `queued`; afterwards it is a `ConflictError`. */
  async cancel(id: string, options: Options = {}): Promise<Message> {
    const path = await this.#own(id, options);
    return this.request('post', '/messages/{user}/{id}/cancel', { ...options, path, repeatable: true });
  }

  /** Removes a text from all lists, for good. */
  async delete(id: string, options: Options = {}): Promise<void> {
    const path = await this.#own(id, options);
    await this.request('delete', '/messages/{user}/{id}', { ...options, path, repeatable: true });
  }

  /** The numbers that texts were exchanged with; the one with the newest text first. */
  conversations(options: Options & QueryOf<'listConversations'> = {}): Pages<Conversation> {
    return this.#pages('/conversations', { ...options });
  }

  /** Everything that was exchanged with a number, oldest first unless `order` says otherwise. */
  conversation(number: string, options: ListOptions = {}): Pages<Message> {
    return this.#pages(fill('/conversations/{number}', { number }), { ...options });
  }

  /** Marks what a number wrote as read, up to a message if that is given. */
  async markRead(number: string, upTo?: string, options: Options = {}): Promise<void> {
    const body = upTo === undefined ? {} : { body: { up_to: upTo } };
    const path = { number };
    await this.request('put', '/conversations/{number}/read', { ...options, ...body, path, repeatable: true });
  }

  /** Follows what becomes of the caller's texts, over every gap, until its signal or a `break`. */
  events(options: EventOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    return follow(this.#http, options);
  }

  /** Any call of the API, typed by its document. Only `GET` is sent again after a lost answer, unless it is `repeatable`. */
  async request<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...[input]: Arguments<Input<Operation<M, P>>>
  ): Promise<AnswerOf<Operation<M, P>>> {
    const { path: values, ...rest } = (input ?? {}) as Given;
    const request = { ...rest, method: method.toUpperCase(), path: fill(path, values) };
    return (await this.#http.json<AnswerOf<Operation<M, P>>>(request)).body;
  }

  #enter(login: LoggedIn): void {
    this.#http.token = login.token;
    this.#user = login.username_hash;
  }

  async #send<T>(path: string, body: unknown, options: SendOptions): Promise<T> {
    const { idempotencyKey = await randomKey(), ...rest } = options;
    const headers = { 'Idempotency-Key': idempotencyKey };
    try {
      return (await this.#http.json<T>({ ...rest, method: 'POST', path, body, headers, repeatable: true })).body;
    } catch (error) {
      if (error instanceof MySmsError) error.idempotencyKey = idempotencyKey;
      throw error;
    }
  }

  #pages<T>(path: string, { signal, timeout, cursor: from, ...filter }: List): Pages<T> {
    const read = async (cursor: string | undefined) => {
      const query = { limit: LARGEST_PAGE, ...filter, cursor };
      const { headers, body } = await this.#http.json<T[]>({ method: 'GET', path, query, signal, timeout });
      return { items: body, next: headers.get('X-Next-Cursor') };
    };
    return new Pages(read, from);
  }

  /** Where a message of the caller's is. */
  async #own(id: string, options: Options): Promise<{ user: string; id: string }> {
    this.#user ??= (await this.me(options)).username_hash;
    return { user: this.#user, id };
  }
}

type Given = Options & {
  path?: Record<string, string>;
  query?: Query;
  headers?: Record<string, string>;
  body?: unknown;
  repeatable?: boolean;
};

interface List extends Options {
  cursor?: string | undefined;
  limit?: number | undefined;
  // Whatever else the operation knows.
  [filter: string]: unknown;
}

const moment = (time: string | Date | undefined) => (time instanceof Date ? time.toISOString() : time);
