/** @import { Accepted, Message } from '../api/types.js' */

/** What the server has just accepted. @param {Accepted} accepted @returns {Message} as lists show it */
export function asMessage(accepted) {
  return {
    ...accepted,
    direction: 'outbound',
    counterpart: accepted.recipient,
    unread: false,
    recovered: false,
    attempts: 0,
    error_code: null,
    error_message: null,
    updated_at: accepted.sent_at,
    // Whatever the server says of it is newer.
    version: 0,
    delivered_at: null,
    provider_sid: null,
    retry_of: null,
    dispatched_at: null,
    position: accepted.id,
  };
}
