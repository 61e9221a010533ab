/**
 * @typedef {'queued' | 'sending' | 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'canceled'} Status
 *
 * @typedef {object} Message
 * @property {string} id ids sort as the messages were stored
 * @property {'outbound' | 'inbound'} direction
 * @property {string} counterpart
 * @property {boolean} unread
 * @property {string | null} content
 * @property {string} sent_at
 * @property {string | null} send_at
 * @property {string} expires_at
 * @property {Status} status
 * @property {number | null} segments
 * @property {string | null} encoding
 * @property {number} attempts
 * @property {string | null} error_code
 * @property {string | null} error_message
 * @property {string} updated_at
 * @property {number} version of two states of a message the one with the higher is the newer
 * @property {string | null} delivered_at
 *
 * @typedef {{at: string, event: string, status: Status | null, detail: string | null}} Step
 * @typedef {Message & {timeline: Step[]}} DetailedMessage
 *
 * @typedef {object} Accepted
 * @property {string} id
 * @property {Status} status
 * @property {string} recipient
 * @property {string} content
 * @property {string} sent_at
 * @property {string | null} send_at
 * @property {string} expires_at
 * @property {number} segments
 * @property {string} encoding
 *
 * @typedef {object} Conversation
 * @property {string} counterpart
 * @property {Message} last_message
 * @property {number} unread
 * @property {boolean} opted_out
 *
 * @typedef {{token: string, username_hash: string, expires_in: number}} Login
 * @typedef {{username: string, username_hash: string, created_at: string}} Me
 * @typedef {{id: string, created_at: string, renewed_at: string, network: string, user_agent: string | null, current: boolean}} Session
 * @typedef {{simulated: boolean, simulator_page: string | null, signup: 'open' | 'invite' | 'closed', version: string}} ClientSettings
 */

/**
 * A part of a list, and where the next one begins.
 *
 * @template T
 * @typedef {{items: T[], next: string | null}} Page
 */

export {};
