/**
 * @typedef {'queued' | 'sending' | 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'canceled'} Status
 * @typedef {'otp' | 'transactional' | 'bulk'} Class
 *
 * @typedef {object} Message
 * @property {string} id ids sort as the messages were stored
 * @property {'outbound' | 'inbound'} direction
 * @property {string} counterpart
 * @property {string | null} recipient of a received one a number of ours
 * @property {boolean} unread
 * @property {string | null} content
 * @property {string | null} sender what it leaves from; of a received one nothing
 * @property {Class | null} class
 * @property {string} sent_at
 * @property {string | null} send_at
 * @property {string | null} starts_at when it may leave at the earliest, if it waits for that
 * @property {string | null} expected_at when it is likely to leave; nothing in lists
 * @property {string | null} expected_by when it has almost surely left
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
 * @property {string | null} reference what a program calls it
 * @property {Record<string, string>} tags what a program noted on it
 *
 * @typedef {{at: string, event: string, status: Status | null, detail: string | null}} Step
 * @typedef {Message & {timeline: Step[]}} DetailedMessage
 *
 * @typedef {object} Accepted
 * @property {string} id
 * @property {Status} status
 * @property {string} recipient
 * @property {string} content
 * @property {string | null} sender
 * @property {Class} class
 * @property {string} sent_at
 * @property {string | null} send_at
 * @property {string | null} starts_at
 * @property {string | null} expected_at
 * @property {string | null} expected_by
 * @property {string | null} warning
 * @property {string} expires_at
 * @property {number} segments
 * @property {string} encoding
 * @property {string | null} reference
 * @property {Record<string, string>} tags
 *
 * @typedef {{from: string, to: string, count: number}} EncodingChange
 *
 * What a dry run tells; nothing where something is missing or wrong.
 *
 * @typedef {object} Preview
 * @property {string | null} sender
 * @property {string | null} send_at
 * @property {string | null} starts_at
 * @property {string | null} expected_at
 * @property {string | null} expected_by
 * @property {string} expires_at
 * @property {EncodingChange[]} encoding_changes
 * @property {{field: string, message: string}[]} errors
 *
 * What texts leave from.
 *
 * @typedef {object} Sender
 * @property {string} address
 * @property {'active' | 'draining' | 'off'} state
 * @property {number | null} rate segments a second, if it has a limit
 *
 * @typedef {'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'} Weekday
 * @typedef {{days?: Weekday[], from: string, to: string}} QuietWindow every day if none is named
 * @typedef {{windows: QuietWindow[], time_zone?: string}} QuietHours
 * @typedef {{quiet_hours: QuietHours | null, smart_encoding: boolean}} UserSettings
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
 * @typedef {'messages:send' | 'messages:read' | 'messages:cancel' | 'messages:delete' | 'conversations:read' | 'conversations:write' | 'events:read' | 'senders:read' | 'settings:read' | 'settings:write'} Scope
 * @typedef {'live' | 'team'} KeyMode
 * @typedef {{id: string, name: string, mode: KeyMode, scopes: Scope[], senders: string[] | null, recipients: string[], created_at: string, expires_at: string | null, active: boolean, last_used: string | null}} ApiKey
 * @typedef {{name: string, mode: KeyMode, scopes: Scope[], recipients?: string[], expires_at?: string}} NewKey
 * @typedef {{simulated: boolean, simulator_page: string | null, signup: 'open' | 'invite' | 'closed', version: string}} ClientSettings
 */

/**
 * A part of a list, and where the next one begins.
 *
 * @template T
 * @typedef {{items: T[], next: string | null}} Page
 */

export {};
