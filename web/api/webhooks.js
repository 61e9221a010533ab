import { json } from './client.js';

/** @import { RevealedWebhook, Webhook, WebhookAnswer, WebhookDelivery } from './types.js' */

/** @returns {Promise<Webhook[]>} */
export const webhooks = () => json('webhooks');

/** @param {string} id @param {string} [part] */
const webhook = (id, part) => `webhooks/${encodeURIComponent(id)}${part ? `/${part}` : ''}`;

/** @param {{url: string, description: string}} wanted @returns {Promise<RevealedWebhook>} */
export const makeWebhook = (wanted) => json('webhooks', { method: 'POST', body: wanted });

/** @param {string} id @returns {Promise<RevealedWebhook>} */
export const rotateSecret = (id) => json(webhook(id, 'secret'), { method: 'POST', body: {} });

/** @param {string} id @returns {Promise<WebhookAnswer & {duration_ms: number}>} */
export const testWebhook = (id) => json(webhook(id, 'test'), { method: 'POST', within: 30_000 });

/** It goes on where it was. @param {string} id @returns {Promise<Webhook>} */
export const enableWebhook = (id) => json(webhook(id, 'enable'), { method: 'POST', body: { from: 'place' } });

/** @param {string} id @returns {Promise<Webhook>} */
export const disableWebhook = (id) => json(webhook(id, 'disable'), { method: 'POST' });

/** @param {string} id @returns {Promise<WebhookDelivery[]>} the latest first */
export const deliveries = (id) => json(webhook(id, 'deliveries'));

/** @param {string} id */
export const removeWebhook = (id) => json(webhook(id), { method: 'DELETE' });
