import { json } from './client.js';

/** @import { BatchPreview } from './types.js' */
/** @import { TextRequest } from '../model/text.js' */

/**
 * What would become of up to 1,000 texts. None is sent.
 *
 * @param {TextRequest[]} messages
 * @param {AbortSignal} signal
 * @returns {Promise<BatchPreview>}
 */
export const previewAll = (messages, signal) => json('messages/batch/preview', { method: 'POST', body: { messages }, within: 60_000, signal });
