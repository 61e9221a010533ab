import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { until } from './harness.js';
import { PASSWORD, another, markAllRead, open, shown, talk } from './people.js';

/** @import { AddressInfo } from 'node:net' */
/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function push(world) {
  test('whoever is told of texts is told while no page is open, by what only their browser can read', async () => {
    const service = await PushService.start();
    const page = await world().tab({ permissions: ['notifications'], serviceWorkers: 'allow' });
    await page.context().addInitScript(subscribeAt, service.subscription);
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/account`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await stored(page, 'PUT', () => page.getByLabel('Notify me of messages').check());
    await world().reply(number, 'Are you there?');
    assert.deepEqual(await service.next(), { counterpart: number });
    await stored(page, 'PUT', () => page.getByLabel('Show the beginning').check());
    await world().reply(number, 'Hello?');
    const news = await service.next();
    assert.deepEqual(news, { counterpart: number, text: 'Hello?' });

    // No page of ours is open, but one beside them.
    await page.goto(`${world().url}/docs`);
    await deliver(page, world().url, news);
    await until('it is shown', async () => (await notifications(page)).length > 0);
    assert.deepEqual(await notifications(page), [{ title: number, body: 'Hello?', place: `#/conversations/${encodeURIComponent(number)}` }]);
    await deliver(page, world().url, { counterpart: number, name: 'Ada' });
    await until('it takes the place of the one before', async () => (await notifications(page)).some(({ title }) => title === 'Ada'));
    assert.deepEqual((await notifications(page)).map(({ body }) => body), ['New message']);

    await stored(page, 'PUT', async () => void (await page.goto(`${world().url}/#/account`)));
    // Whoever reads it, wherever, has no need to be told any more.
    const reader = await another(world(), page);
    await open(world(), reader, number);
    await until('it is not shown any more', async () => (await notifications(page)).length === 0);
    await reader.close();
    // Another password ends the login that it was told in, and begins another one.
    await page.getByLabel('Old password').fill(PASSWORD);
    await page.getByLabel('New password').fill('another password');
    await stored(page, 'PUT', () => page.getByRole('button', { name: 'Change password' }).click());
    await world().reply(number, 'Still there?');
    assert.equal((await service.next()).text, 'Still there?');
    await stored(page, 'DELETE', () => page.getByLabel('Notify me of messages').uncheck());
    await page.context().close();
    service.close();
  });

  test('of a page that nobody looks at and the push service one notification is left, and reading closes it', async () => {
    const service = await PushService.start();
    const page = await world().tab({ permissions: ['notifications'], serviceWorkers: 'allow' });
    await page.context().addInitScript(subscribeAt, service.subscription);
    await page.context().addInitScript(countOwn);
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/account`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await stored(page, 'PUT', () => page.getByLabel('Notify me of messages').check());
    // Whatever is in front, it is not this page.
    await page.evaluate(() => Object.assign(document, { hasFocus: () => false }));
    const [worker] = page.context().serviceWorkers();
    await worker?.evaluate('Object.defineProperty(WindowClient.prototype, "focused", { get: () => false })');
    await world().reply(number, 'Are you there?');
    const news = await service.next();
    await until('the page tells it', async () => (await notifications(page)).length > 0);
    assert.deepEqual((await notifications(page)).map(({ title }) => title), [shown(number)]);
    await deliver(page, world().url, { ...news, name: 'Ada' });
    await until('the service worker does', async () => (await notifications(page)).some(({ title }) => title === 'Ada'));
    assert.equal((await notifications(page)).length, 1);
    assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).own), 0, 'what the browser keeps apart');
    await markAllRead(world(), page, number);
    await until('it is closed', async () => (await notifications(page)).length === 0);
    await page.context().close();
    service.close();
  });

  test('a browser takes nothing more once its user has logged out, though the server was not told', async () => {
    const service = await PushService.start();
    const page = await world().tab({ permissions: ['notifications'], serviceWorkers: 'allow' });
    await page.context().addInitScript(subscribeAt, service.subscription);
    await talk(world(), page);
    await page.goto(`${world().url}/#/account`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await stored(page, 'PUT', () => page.getByLabel('Notify me of messages').check());
    assert.equal(await isSubscribed(page), true);
    for (const path of ['logout', 'session/cookie']) await page.route(`**/${path}`, (route) => route.abort());
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await until('it is told nothing', async () => !(await isSubscribed(page)));
    await page.context().close();
    service.close();
  });

  test('where no push service answers the page says that it has to be open', async () => {
    const page = await world().tab({ permissions: ['notifications'], serviceWorkers: 'allow' });
    await page.context().addInitScript(() => {
      PushManager.prototype.getSubscription = async () => null;
      PushManager.prototype.subscribe = () => Promise.reject(new DOMException('push service not available', 'AbortError'));
    });
    await talk(world(), page);
    await page.goto(`${world().url}/#/account`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.getByLabel('Notify me of messages').check();
    await page.getByText('Only while this page is open').waitFor();
    assert.ok(await page.getByLabel('Notify me of messages').isChecked());
    await page.context().close();
  });
}

/** Stands for the push service of a browser's maker, and for the browser's keys. */
class PushService {
  #keys = createECDH('prime256v1');
  #auth = randomBytes(16);

  static async start() {
    const service = new PushService();
    service.#keys.generateKeys();
    service.server.listen(0, '127.0.0.1');
    // A test that fails does not close it.
    service.server.unref();
    await once(service.server, 'listening');
    return service;
  }

  constructor() {
    /** What came and was not looked at. @type {object[]} */
    this.told = [];
    this.server = createServer(async (request, response) => {
      /** @type {Buffer[]} */
      const parts = [];
      for await (const part of request) parts.push(part);
      this.#prove(request.headers.authorization ?? '');
      this.told.push(JSON.parse(this.#unseal(Buffer.concat(parts))));
      response.writeHead(201).end();
    });
  }

  get url() {
    return `http://127.0.0.1:${/** @type {AddressInfo} */ (this.server.address()).port}`;
  }

  get subscription() {
    const keys = { p256dh: this.#keys.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `${this.url}/send/1`, keys };
  }

  /** @returns {Promise<any>} */
  async next() {
    await until('something is told', () => Promise.resolve(this.told.length > 0));
    return this.told.shift();
  }

  close() {
    this.server.close();
  }

  /** Whether it is this installation that calls, as RFC 8292 has it proved. @param {string} header */
  #prove(header) {
    const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(header) ?? [];
    const point = Buffer.from(key, 'base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
    const [head, claims = '', signature = ''] = token.split('.');
    const isGenuine = verify('sha256', Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    assert.ok(isGenuine, header);
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).aud, this.url);
  }

  /** As RFC 8291 has it. @param {Buffer} body */
  #unseal(body) {
    const [salt, end] = [body.subarray(0, 16), 21 + /** @type {number} */ (body[20])];
    const [theirs, sealed] = [body.subarray(21, end), body.subarray(end)];
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), theirs]);
    const shared = Buffer.from(hkdfSync('sha256', this.#keys.computeSecret(theirs), this.#auth, info, 32));
    const derived = (/** @type {string} */ name, /** @type {number} */ length) => Buffer.from(hkdfSync('sha256', shared, salt, `Content-Encoding: ${name}\0`, length));
    const opening = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
    opening.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([opening.update(sealed.subarray(0, -16)), opening.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }
}

/** In a page: a browser whose push service is the test's. @param {{endpoint: string, keys: object}} known */
function subscribeAt(known) {
  let isSubscribed = false;
  const unsubscribe = async () => {
    isSubscribed = false;
    return true;
  };
  const subscription = /** @type {any} */ ({ endpoint: known.endpoint, toJSON: () => known, unsubscribe });
  PushManager.prototype.getSubscription = async () => (isSubscribed ? subscription : null);
  PushManager.prototype.subscribe = async (options) => {
    if (!options?.applicationServerKey || !options.userVisibleOnly) throw new Error('who tells it is not known');
    isSubscribed = true;
    return subscription;
  };
}

/** In a page: counts the notifications that are its own. */
function countOwn() {
  const here = /** @type {any} */ (globalThis);
  here.own = 0;
  here.Notification = new Proxy(Notification, {
    construct: (target, [title, options]) => {
      here.own += 1;
      return new target(title, options);
    },
  });
}

/** Does something, and waits until the server has taken what follows from it. @param {Page} page @param {string} method @param {() => Promise<void>} act */
async function stored(page, method, act) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/push') && response.request().method() === method);
  await act();
  assert.equal((await answered).status(), 200);
}

/** Has the browser give something to our service worker, as if its push service had sent it. @param {Page} page @param {string} origin @param {object} news */
async function deliver(page, origin, news) {
  const tools = await page.context().newCDPSession(page);
  /** @type {Promise<string>} */
  const known = new Promise((resolve) => {
    tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
      if (ours) resolve(ours.registrationId);
    });
  });
  await tools.send('ServiceWorker.enable');
  await tools.send('ServiceWorker.deliverPushMessage', { origin, registrationId: await known, data: JSON.stringify(news) });
  await tools.detach();
}

/** @param {Page} page */
const isSubscribed = (page) => page.evaluate(async () => Boolean(await PushManager.prototype.getSubscription()));

/** @param {Page} page @returns {Promise<{title: string, body: string, place: string}[]>} */
const notifications = (page) =>
  page.evaluate(async () => {
    const shown = (await (await navigator.serviceWorker.getRegistration('/'))?.getNotifications()) ?? [];
    return shown.map(({ title, body, data }) => ({ title, body, place: data.place }));
  });
