import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MySms, NoAnswerError, RateLimitError, ServerError } from 'mysms-client';
import { ApiError } from '../dist/errors.js';
import { PATIENCE, backoff, pauseBefore } from '../dist/retry.js';
import { PHONE, badNetwork, collect, somebody, url } from './rig.js';

const TEXT = { recipient: PHONE, content: 'Once' };

/** @param {number} status @param {Record<string, string>} [headers] */
const problem = (status, headers = {}) => new ApiError(new Response('', { status, headers }), {});

test('a text whose answers are lost is sent once', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch });
  network.seen.length = 0;
  network.next('lost', 'refused', [503], 'lost');
  const sent = await sms.send(TEXT);
  assert.deepEqual((await collect(sms.messages())).map(({ id }) => id), [sent.id]);
  const keys = network.seen.filter(({ method }) => method === 'POST').map(({ headers }) => headers.get('Idempotency-Key'));
  assert.equal(keys.length, 5);
  assert.equal(new Set(keys).size, 1);
});

test('whoever gives up gets the key, with which the text is still sent once', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch, retries: 1 });
  network.next('lost', 'lost');
  const error = await sms.send(TEXT).catch((/** @type {unknown} */ error) => error);
  assert(error instanceof NoAnswerError);
  await sms.send(TEXT, { idempotencyKey: error.idempotencyKey });
  assert.equal((await collect(sms.messages())).length, 1);
});

test('a delete whose answer was lost has been done', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch });
  const { id } = await sms.send(TEXT);
  await sms.message(id);
  network.next('lost');
  await sms.delete(id);
  assert.deepEqual(await collect(sms.messages()), []);
});

test('what may not be done twice is not asked for twice', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch });
  network.seen.length = 0;
  network.next('lost');
  await assert.rejects(sms.renew(), NoAnswerError);
  network.next([502]);
  await assert.rejects(sms.renew(), ServerError);
  assert.equal(network.seen.length, 2);
});

test('a signal ends a request that waits for its next try', async () => {
  const ends = new AbortController();
  /** @type {typeof globalThis.fetch} */
  const fetch = () => {
    setImmediate(() => ends.abort(new Error('enough')));
    return Promise.resolve(new Response('', { status: 429, headers: { 'Retry-After': '50' } }));
  };
  const sms = new MySms({ url, token: 'x', fetch });
  await assert.rejects(sms.me({ signal: ends.signal }), { message: 'enough' });
});

test('an answer that does not come in time is none', async () => {
  /** @type {typeof globalThis.fetch} */
  const fetch = (_, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
  const sms = new MySms({ url, token: 'x', fetch, retries: 0, timeout: 10 });
  await assert.rejects(sms.me(), (error) => error instanceof NoAnswerError && /within 0.01 seconds/.test(error.message));
});

test('a wait that is too long is not begun', async () => {
  const network = badNetwork([429, { 'Retry-After': '3600' }]);
  const sms = new MySms({ url, token: 'x', fetch: network.fetch });
  const error = await sms.me().catch((/** @type {unknown} */ error) => error);
  assert(error instanceof RateLimitError);
  assert.equal(error.retryAfter, 3600);
  assert.equal(network.seen.length, 1);
});

test('what is repeated, and when', () => {
  for (const status of [408, 429]) {
    assert.notEqual(pauseBefore(problem(status), 0, false), null);
  }
  for (const status of [502, 503, 504]) {
    assert.notEqual(pauseBefore(problem(status), 0, true), null);
    assert.equal(pauseBefore(problem(status), 0, false), null);
  }
  for (const status of [400, 401, 403, 404, 409, 413, 415, 422, 500]) {
    assert.equal(pauseBefore(problem(status), 0, true), null);
  }
  assert.notEqual(pauseBefore(new NoAnswerError(), 0, true), null);
  assert.equal(pauseBefore(new NoAnswerError(), 0, false), null);
  assert.equal(pauseBefore(new TypeError('a fault of ours'), 0, true), null);
});

test('no try comes earlier than the server said, nor all at once', () => {
  const waits = Array.from({ length: 50 }, () => pauseBefore(problem(503, { 'Retry-After': '7' }), 0, true) ?? 0);
  assert(waits.every((wait) => wait >= 7000 && wait <= 8000));
  assert(new Set(waits).size > 1);
  const date = new Date(Date.now() + 20_000).toUTCString();
  const wait = pauseBefore(problem(429, { 'Retry-After': date }), 0, false);
  assert(wait !== null && wait > 10_000 && wait <= 21_000);
  assert.equal(pauseBefore(problem(429, { 'Retry-After': String(PATIENCE / 1000 + 1) }), 0, true), null);
  for (let failed = 0; failed < 50; failed += 1) {
    const pause = backoff(failed);
    assert(pause >= 250 && pause <= 8000);
  }
});
