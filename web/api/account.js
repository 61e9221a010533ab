import { json } from './client.js';

/** @import { ApiKey, Login, NewKey, Push, Session, WantedPush } from './types.js' */

export const logOutEverywhere = () => json('logout', { method: 'POST', query: { everywhere: 'true' } });

/** @returns {Promise<Session[]>} */
export const sessions = () => json('me/sessions');

/** @param {string} id */
export const endSession = (id) => json(`me/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** @returns {Promise<ApiKey[]>} the newest first */
export const keys = () => json('keys');

/** @param {NewKey} wanted @returns {Promise<ApiKey & {key: string}>} */
export const createKey = (wanted) => json('keys', { method: 'POST', body: wanted });

/** @param {string} id */
export const deleteKey = (id) => json(`keys/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** @param {string} old_password @param {string} new_password @returns {Promise<Login>} */
export const changePassword = (old_password, new_password) =>
  json('me/password', { method: 'PUT', body: { old_password, new_password } });

/** @param {string} password */
export const leave = (password) => json('me', { method: 'DELETE', body: { password }, within: 30_000 });

/** @param {string} user */
export const removeAll = (user) => json(`messages/${user}`, { method: 'DELETE', within: 60_000 });

/** @returns {Promise<Push>} whether the browser of this login is told of what comes in by its push service */
export const getPush = () => json('push');

/** @param {WantedPush} wanted */
export const putPush = (wanted) => json('push', { method: 'PUT', body: wanted });

export const stopPush = () => json('push', { method: 'DELETE' });
