import { words } from '../lib/words.js';

/** @import { Class } from '../api/types.js' */

/** What kinds of text there are. */
export const CLASSES = /** @type {Class[]} */ (['otp', 'transactional', 'bulk']);

/** @param {Class} kind */
export const kindName = (kind) => words.kinds[kind]?.name ?? kind;

/** @param {Class} kind */
export const kindHint = (kind) => words.kinds[kind]?.hint ?? '';
