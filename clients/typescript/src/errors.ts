import type { FieldError, Problem } from './types.js';

/** Whatever this client throws by itself. */
export class MySmsError extends Error {
  override name = 'MySmsError';

  /**
   * The key of the send that failed. Whether the text was accepted may be unknown: the same text with the
   * same key gives the same answer, or sends it now, but never twice.
   */
  declare idempotencyKey?: string;
}

/** There was no answer, or only a part of one. Whether the request was carried out is unknown. */
export class NoAnswerError extends MySmsError {
  override name = 'NoAnswerError';
}

/** The server said no. */
export class ApiError extends MySmsError {
  override name = 'ApiError';
  readonly status: number;
  /** What went wrong, in a word that never changes, such as `invalid-request`. Empty if something before the server answered. */
  readonly code: string;
  /** What is wrong with which field of the request. */
  readonly errors: readonly FieldError[];
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
  /** Seconds after which the request may be repeated, if the server said so. */
  readonly retryAfter: number | null;

  constructor(answer: Response, problem: Partial<Problem>) {
    super(problem.detail ?? `The server answered ${answer.status} ${answer.statusText}`.trimEnd());
    this.status = answer.status;
    this.code = (problem.type ?? '').replace(/^urn:mysms:problem:/, '');
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id ?? answer.headers.get('X-Request-Id');
    this.retryAfter = retryAfter(answer.headers);
  }
}

/** 400, 413, 415 or 422: the request cannot be right, however often it is sent. `errors` says why. */
export class InvalidRequestError extends ApiError {
  override name = 'InvalidRequestError';
}

/** 401: the token is not good, or not any more. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** 403: the caller may not do this. */
export class ForbiddenError extends ApiError {
  override name = 'ForbiddenError';
}

/** 404: there is no such thing, or it belongs to somebody else. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 409: it is too late, or the recipient wants no texts. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** 429: a limit is used up for `retryAfter` seconds. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 5xx: the server, or something before it, is in trouble. */
export class ServerError extends ApiError {
  override name = 'ServerError';
}

/** A webhook that does not come from the messenger, or came long ago. */
export class WebhookVerificationError extends MySmsError {
  override name = 'WebhookVerificationError';
}

const KINDS: Record<number, typeof ApiError> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
};

/** Reads an answer that says no. */
export async function readError(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => null);
  const problem = typeof body === 'object' && body !== null ? body : {};
  const Kind = KINDS[answer.status] ?? (answer.status >= 500 ? ServerError : ApiError);
  return new Kind(answer, problem);
}

/** Seconds, whether the header has a number or a date. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get('Retry-After');
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
