/** @import {Kind, Scripted} from './types.d.ts' */

/**
 * A fault that can be switched on, in plain words.
 * @typedef {{name: string, says: string, fault: Kind}} Switch
 */

/** @type {Switch[]} */
export const EVERYWHERE = [
  {
    name: 'Errors',
    says: 'Requests are refused with an error, and nothing is taken.',
    fault: { kind: 'error_before', status: 503 },
  },
  {
    name: 'Too many requests',
    says: 'Requests are turned away: the messenger must slow down.',
    fault: { kind: 'throttle' },
  },
  {
    name: 'Lost answers',
    says: 'Texts are taken, but the answer never comes: were they sent?',
    fault: { kind: 'hang_after' },
  },
  {
    name: 'Slow answers',
    says: 'Answers take three seconds.',
    fault: { kind: 'delay_answer', ms: 3000 },
  },
  {
    name: 'Reports come twice',
    says: 'Status reports, and texts from phones, are posted twice.',
    fault: { kind: 'callback_doubled' },
  },
  {
    name: 'Reports out of order',
    says: 'The last status is reported first.',
    fault: { kind: 'callback_reversed' },
  },
  {
    name: 'Lost reports',
    says: 'Texts arrive, but nobody tells the messenger.',
    fault: { kind: 'callback_lost', status: 'delivered' },
  },
];

/** @type {Switch[]} */
export const THIS_PHONE = [
  {
    name: 'Switched off',
    says: 'Texts to this phone cannot be delivered.',
    fault: { kind: 'outcome', status: 'undelivered', code: 30003 },
  },
];

/** How often faults strike: the share, and in words. */
export const OFTEN = [
  { rate: 0.1, words: 'now and then (1 in 10)' },
  { rate: 0.33, words: 'often (1 in 3)' },
  { rate: 1, words: 'always' },
];

/**
 * Whether a scripted fault is what the switch stands for.
 * @param {Scripted} scripted
 * @param {Switch} one
 * @param {string} [to] the phone it is for
 */
export function standsFor(scripted, one, to) {
  const sorted = (/** @type {Kind} */ kind) => JSON.stringify(Object.entries(kind).sort());
  return scripted.to === to && scripted.times === undefined
    && sorted(scripted.fault) === sorted(one.fault);
}
