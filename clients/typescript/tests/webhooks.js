import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { WebhookVerificationError, verifyWebhook } from 'mysms-client/webhooks';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const BODY = '{"type":"test","timestamp":"2026-01-01T00:00:00.000Z","data":{"é":1}}';

/** What the official library makes of it. @param {string} secret @param {string} [body] @param {Date} [at] */
function official(secret, body = BODY, at = new Date()) {
  const signature = new Webhook(secret).sign('msg_1', at, body);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

/** @param {Promise<unknown>} verified @param {RegExp} why */
const refused = (verified, why) =>
  assert.rejects(verified, (error) => error instanceof WebhookVerificationError && why.test(error.message));

test('the vectors of the specification, and what else both clients agree on', async () => {
  const file = new URL('../../webhook-vectors.json', import.meta.url);
  /** @type {{name: string, secrets: string[], headers: Record<string, string>, body: string, now: number, genuine: boolean}[]} */
  const vectors = JSON.parse(await readFile(file, 'utf8'));
  for (const { name, secrets, headers, body, now, genuine } of vectors) {
    const verified = verifyWebhook(body, headers, secrets, { now: now * 1000 });
    if (genuine) assert.deepEqual(await verified, JSON.parse(body), name);
    else await assert.rejects(verified, WebhookVerificationError, name);
  }
});

test('what the official library signs is genuine, in every form in which it may come', async () => {
  const headers = official(SECRET);
  const expected = JSON.parse(BODY);
  assert.deepEqual(await verifyWebhook(BODY, headers, SECRET), expected);
  assert.deepEqual(await verifyWebhook(new TextEncoder().encode(BODY), new Headers(headers), SECRET), expected);
  assert.deepEqual(await verifyWebhook(Buffer.from(BODY), headers, SECRET.slice(6)), expected);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
  assert.deepEqual(await verifyWebhook(BODY, upper, SECRET), expected);
});

test('while a secret is replaced either is good', async () => {
  assert(await verifyWebhook(BODY, official(OTHER), [SECRET, OTHER]));
  const both = { ...official(SECRET), 'webhook-signature': `${official(OTHER)['webhook-signature']} v1a,AAAA ${official(SECRET)['webhook-signature']}` };
  assert(await verifyWebhook(BODY, both, SECRET));
  assert.deepEqual(new Webhook(SECRET).verify(BODY, both), JSON.parse(BODY));
});

test('anything else is refused', async () => {
  const headers = official(SECRET);
  await refused(verifyWebhook(`${BODY} `, headers, SECRET), /no signature/);
  await refused(verifyWebhook(BODY, headers, OTHER), /no signature/);
  await refused(verifyWebhook(BODY, { ...headers, 'webhook-id': 'msg_2' }, SECRET), /no signature/);
  await refused(verifyWebhook(BODY, { ...headers, 'webhook-signature': 'v1,%%% v1' }, SECRET), /no signature/);
  for (const name of /** @type {const} */ (['webhook-id', 'webhook-timestamp', 'webhook-signature'])) {
    await refused(verifyWebhook(BODY, { ...headers, [name]: undefined }, SECRET), new RegExp(`${name} is missing`));
  }
  for (const away of [-301, 301]) {
    const then = official(SECRET, BODY, new Date(Date.now() + away * 1000));
    await refused(verifyWebhook(BODY, then, SECRET), /too far/);
    assert(await verifyWebhook(BODY, then, SECRET, { tolerance: 400 }));
  }
  await refused(verifyWebhook(BODY, { ...headers, 'webhook-timestamp': '1e9' }, SECRET), /not a number/);
  await assert.rejects(verifyWebhook(BODY, headers, 'whsec_'), TypeError);
});
