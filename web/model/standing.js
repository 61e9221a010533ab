/** @import { Message } from '../api/types.js' */

/** When a message was exchanged: written or received, or when it went out, if it had to wait. @param {Message} message */
export const exchangedAt = ({ id, position, sent_at, dispatched_at }) => (position === id ? sent_at : (dispatched_at ?? sent_at));
