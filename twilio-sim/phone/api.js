/** @import {Fault, Phones, Screen, Scripted} from './types.d.ts' */

/** The simulator said no, and why. */
export class Refused extends Error {}

/**
 * @param {string} method
 * @param {string} path below `/sim`
 * @param {unknown} [body]
 */
async function call(method, path, body) {
  /** @type {RequestInit} */
  const request = { method, cache: 'no-store' };
  if (body !== undefined) {
    request.headers = { 'Content-Type': 'application/json' };
    request.body = JSON.stringify(body);
  }
  const answer = await fetch(`/sim${path}`, request);
  if (!answer.ok) throw new Refused(await answer.text());
  return answer.status === 204 ? undefined : answer.json();
}

/** @returns {Promise<Phones>} */
export const phones = () => call('GET', '/phones');

/**
 * @param {string} number
 * @returns {Promise<Screen>}
 */
export const screen = (number) => call('GET', `/phones/${encodeURIComponent(number)}`);

/**
 * Sends a text from a phone.
 * @param {{from: string, to?: string, body: string, media?: {content_type: string, data: string}[]}} text
 */
export const write = (text) => call('POST', '/inbound', text);

/** @returns {Promise<Scripted[]>} */
export const faults = () => call('GET', '/faults');

/** @param {Fault} fault */
export const script = (fault) => call('POST', '/faults', fault);

/** @param {number} id */
export const drop = (id) => call('DELETE', `/faults/${id}`);

export const dropAll = () => call('DELETE', '/faults');
