import { json } from './client.js';
import { Unreachable, ask } from './http.js';

/** @import { Upload } from './types.js' */

/** Brings a file for a text. @param {Blob} file @param {AbortSignal} signal @returns {Promise<Upload>} */
export const upload = (file, signal) => json('uploads', { method: 'POST', file, within: 60_000, signal });

/** @param {string} id */
export const removeUpload = (id) => ask(`uploads/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** A picture or another file of a message. @param {string} user @param {string} id @param {number} index @param {AbortSignal} signal */
export const medium = (user, id, index, signal) => opened(`messages/${user}/${id}/media/${index}`, index, signal);

/**
 * A file, and what it is called.
 *
 * @param {string} path
 * @param {number} index
 * @param {AbortSignal} signal
 * @returns {Promise<{content: Blob, name: string}>}
 */
export async function opened(path, index, signal) {
  const answer = await ask(path, { signal });
  const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1];
  // What was broken off must not pass for the whole.
  const content = await answer.blob().catch(() => {
    throw new Unreachable();
  });
  return { content, name: name ?? `media-${index}.bin` };
}
