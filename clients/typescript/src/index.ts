export { MySms, type ListOptions, type MessageFilter, type SendOptions } from './client.js';
export {
  ApiError, AuthenticationError, ConflictError, NoAnswerError, ForbiddenError, InvalidRequestError, MySmsError,
  NotFoundError, RateLimitError, ServerError, WebhookVerificationError,
} from './errors.js';
export type { EventOptions, StreamEvent } from './events.js';
export type { Options, Settings } from './http.js';
export { Pages, type Page } from './pages.js';
export type { components, operations, paths } from './schema.js';
export type * from './types.js';
export { verifyWebhook, type HeaderSource, type VerifyOptions } from './webhooks.js';
