import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { PASSWORD, another, bubble, editor, logIn, newName, newNumber, open, schedule, shown, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { BrowserContextOptions, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** What readers hardly notice. */
const CALM = 0.05;

/** @param {Page} page */
const row = (page) => page.getByRole('navigation').locator('.row');

/** What says of when the list is, and the thread. @param {Page} page */
const age = (page) => ({ list: page.locator('.side > .as-of'), thread: page.locator('.talk-frame > .as-of') });

/** @param {World} world @param {string} token @param {string} path @param {RequestInit} [how] */
async function api(world, token, path, how = {}) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${world.url}/${path}`, { ...how, headers });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** A user who stays logged in here, and has a conversation that this browser remembers. @param {World} world @param {BrowserContextOptions} [options] */
async function familiar(world, options) {
  const page = await world.tab(options);
  await page.goto(`${world.url}/#/signup`);
  const name = newName();
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Keep me logged in on this device').check();
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('No conversations yet').waitFor();
  const number = newNumber();
  await open(world, page, number);
  await write(page, 'Hello');
  await status(page, 'Hello', 'Delivered').waitFor();
  await remembers(page, 'list', ['delivered']);
  await remembers(page, `thread ${number}`, ['Hello', 'delivered']);
  return { page, context: page.context(), name, number, token: await tokenOf(page) };
}

/** What this browser remembers of anybody, by its name. @param {Page} page @returns {Promise<Record<string, string>>} */
const remembered = (page) =>
  page.evaluate(async () => {
    /** @type {IDBDatabase} */
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open('mysms/kept');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const store = database.transaction('remembered').objectStore('remembered');
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()].map((request) => new Promise((/** @type {(all: any[]) => void} */ resolve) => {
      request.onsuccess = () => resolve(request.result);
    })));
    database.close();
    return Object.fromEntries((keys ?? []).map((key, place) => [key[1], JSON.stringify(values?.[place])]));
  });

/** @param {Page} page @param {string} name @param {string[]} what */
const remembers = (page, name, what) =>
  until(`${name} has ${what}`, async () => {
    const text = (await remembered(page))[name] ?? '';
    return what.every((part) => text.includes(part));
  });

/** @param {Page} page @param {string} text */
const forgets = (page, text) => until(`nothing is kept of ${text}`, async () => !JSON.stringify(await remembered(page)).includes(text));

/** What a page does that is left. @param {Page} page */
const leave = (page) => page.evaluate(() => void dispatchEvent(new Event('pagehide')));

/** Opens a page whose questions are answered only once that is asked for. @param {World} world @param {Page} page @param {string} place */
async function openUnanswered(world, page, place) {
  let answer = () => {};
  const asked = new Promise((resolve) => (answer = () => resolve(null)));
  /** @type {string[]} */
  const changes = [];
  page.on('request', (request) => request.method() === 'PUT' && changes.push(request.url()));
  /** @type {string[]} */
  const failed = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  await page.addInitScript(() => {
    const here = /** @type {any} */ (globalThis);
    here.moved = 0;
    new PerformanceObserver((list) => {
      for (const shift of /** @type {any[]} */ (list.getEntries())) if (!shift.hadRecentInput) here.moved += shift.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.route(/\/(session\/refresh|client\.json|conversations|messages|me|senders|contacts|events)\b[^.]*(\.json)?$/, async (route) => {
    await asked;
    await route.continue().catch(() => {});
  });
  await page.goto(`${world.url}/#/${place}`);
  return { answer, changes, failed };
}

/** By how much what stayed has moved. @param {Page} page @returns {Promise<number>} */
const moved = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(/** @type {any} */ (globalThis).moved)))));

/** @param {() => World} world */
export function remembering(world) {
  test('a later visit shows the list and a thread without a network, with their age, until the server has answered', async () => {
    const { page, context, number, token } = await familiar(world(), { serviceWorkers: 'allow' });
    await api(world(), token, `contacts/${number}`, { method: 'PUT', body: JSON.stringify({ name: 'Anna Beck' }) });
    await page.reload();
    await row(page).getByText('Anna Beck').waitFor();
    await remembers(page, 'list', ['Anna Beck']);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const later = await another(world(), context);
    await page.close();
    await context.setOffline(true);
    await later.goto(world().url);
    await row(later).getByText('Anna Beck').waitFor();
    await row(later).getByText('Hello').waitFor();
    await age(later).list.getByText(/^You are offline: as of \d\d:\d\d$/).waitFor();
    await row(later).click();
    await status(later, 'Hello', 'Delivered').waitFor();
    await age(later).thread.getByText(/^You are offline: as of/).waitFor();
    await later.getByRole('heading', { name: 'Anna Beck' }).waitFor();
    await looker(later, await axeSource())('what was there the last time');
    // Nothing can be done with what may be another by now.
    assert.equal(await bubble(later, 'Hello').getByRole('button').first().isDisabled(), true);
    await write(later, 'Written meanwhile');
    await status(later, 'Written meanwhile', 'Waiting for the connection').waitFor();
    await context.setOffline(false);
    await status(later, 'Written meanwhile', 'Delivered').waitFor();
    for (const sign of Object.values(age(later))) await sign.waitFor({ state: 'hidden' });
    assert.equal(await bubble(later, 'Hello').getByRole('button').first().isDisabled(), false);
    assert.equal(await bubble(later, 'Hello').count(), 1);
    assert.equal((await world().at(number)).length, 2);
    await context.close();
  });

  test('what was deleted or became another elsewhere does so in its place, and is remembered no more', async () => {
    const { page, context, number, token } = await familiar(world());
    await write(page, 'A secret');
    await schedule(page, 'For later');
    await remembers(page, `thread ${number}`, ['A secret', 'For later', '"queued"']);
    /** @type {any[]} */
    const texts = await api(world(), token, `conversations/${encodeURIComponent(number)}`);
    const { username_hash: user } = await api(world(), token, 'me');
    const at = (/** @type {string} */ content) => `messages/${user}/${texts.find((text) => text.content === content).id}`;
    await page.close();
    await api(world(), token, at('A secret'), { method: 'DELETE' });
    await api(world(), token, `${at('For later')}/cancel`, { method: 'POST' });

    const later = await another(world(), context);
    const { answer, failed } = await openUnanswered(world(), later, `conversations/${number}`);
    await age(later).thread.getByText(/^As of .*connecting…$/).waitFor();
    await age(later).list.getByText(/^As of .*connecting…$/).waitFor();
    await bubble(later, 'A secret').waitFor();
    await status(later, 'For later', 'Scheduled for').waitFor();
    assert.deepEqual(failed, [], 'it is shown while it is asked for, and not when nobody has answered');
    answer();
    await bubble(later, 'A secret').waitFor({ state: 'detached' });
    await status(later, 'For later', 'Cancelled').waitFor();
    for (const sign of Object.values(age(later))) await sign.waitFor({ state: 'hidden' });
    await bubble(later, 'Hello').waitFor();
    await forgets(later, 'A secret');
    await remembers(later, `thread ${number}`, ['Hello', '"canceled"']);
    assert.ok((await moved(later)) < CALM, `it moves by ${await moved(later)}`);

    // In a page that has not opened the thread only the news of it can do that.
    await later.goto('about:blank');
    await Promise.all([later.waitForResponse('**/events'), later.goto(`${world().url}/#/`)]);
    await age(later).list.waitFor({ state: 'hidden' });
    await api(world(), token, at('For later'), { method: 'DELETE' });
    await forgets(later, 'For later');
    await remembers(later, `thread ${number}`, ['Hello']);
    await context.close();
  });

  test('a conversation that was deleted elsewhere is remembered no more', async () => {
    const { page, context, number, token } = await familiar(world());
    await page.close();
    await api(world(), token, `conversations/${encodeURIComponent(number)}`, { method: 'DELETE' });
    const later = await another(world(), context);
    const { answer } = await openUnanswered(world(), later, '');
    await row(later).getByText('Hello').waitFor();
    answer();
    await later.getByText('No conversations yet').waitFor();
    await forgets(later, 'Hello');
    await context.close();
  });

  test('nothing is marked as read, and no line is drawn, before the server has said what is unread', async () => {
    const { page, context, number, token } = await familiar(world());
    await page.goto(`${world().url}/#/`);
    await world().reply(number, 'One');
    await world().reply(number, 'Two');
    await remembers(page, 'list', ['Two']);
    await remembers(page, `thread ${number}`, ['One', 'Two']);
    await page.close();

    const later = await another(world(), context);
    const { answer, changes } = await openUnanswered(world(), later, `conversations/${number}`);
    await bubble(later, 'Two').waitFor();
    await age(later).thread.waitFor();
    await later.bringToFront();
    assert.equal(await later.getByRole('heading', { name: 'New messages' }).count(), 0);
    assert.doesNotMatch(await later.title(), /^\(/);
    const [listed] = await api(world(), token, 'conversations');
    assert.equal(listed.unread, 2);
    assert.deepEqual(changes, []);
    await world().reply(number, 'Three');
    answer();
    await later.getByRole('heading', { name: 'New messages' }).waitFor();
    await bubble(later, 'Three').waitFor();
    const below = await later.locator('.lines > .mark + .bubble .text').innerText();
    assert.equal(below, 'One');
    await until('the server has heard of it', async () => (await api(world(), token, 'conversations'))[0].unread === 0);
    await context.close();
  });

  test('whoever reads above what was remembered goes on there', async () => {
    const { page, context, number } = await familiar(world());
    for (let count = 1; count <= 30; count += 1) await world().reply(number, `text ${count}`);
    await remembers(page, `thread ${number}`, ['text 1"', 'text 30']);
    await page.close();
    const later = await another(world(), context);
    const { answer } = await openUnanswered(world(), later, `conversations/${number}`);
    await bubble(later, 'text 30').waitFor();
    await bubble(later, 'text 12').evaluate((element) => element.scrollIntoView());
    await later.getByRole('button', { name: 'The newest messages' }).waitFor();
    const before = await bubble(later, 'text 12').boundingBox();
    answer();
    await age(later).thread.waitFor({ state: 'hidden' });
    assert.ok((await moved(later)) < CALM);
    assert.deepEqual(await bubble(later, 'text 12').boundingBox(), before);
    await context.close();
  });

  test('what is remembered stays small', async () => {
    const { page, context, number } = await familiar(world());
    await page.evaluate(async () => {
      const user = JSON.parse(localStorage.getItem('mysms/login') ?? '{}').user;
      const request = indexedDB.open('mysms/kept');
      await new Promise((resolve) => (request.onsuccess = resolve));
      const transaction = request.result.transaction('remembered', 'readwrite');
      const store = transaction.objectStore('remembered');
      const others = Array.from({ length: 40 }, (_, place) => ({ number: `+1${place}`, at: Date.now() - place * 1000, messages: [{ id: '0', position: '0' }] }));
      for (const other of others) store.put(other, [user, `thread ${other.number}`]);
      store.put({ threads: Object.fromEntries(others.map((other) => [other.number, { at: other.at, last: '0' }])), gone: [] }, [user, 'index']);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      request.result.close();
    });
    for (let count = 1; count <= 60; count += 1) await world().reply(number, `text ${count}`);
    await remembers(page, `thread ${number}`, ['text 60']);
    const kept = await remembered(page);
    assert.equal(JSON.parse(kept[`thread ${number}`] ?? '').messages.length, 50);
    const threads = Object.keys(kept).filter((name) => name.startsWith('thread '));
    assert.equal(threads.length, 30);
    assert.ok(threads.includes('thread +10') && !threads.includes('thread +139'), 'those that were looked at last stay');
    await context.close();
  });

  test('nothing is remembered of a login that ends with the browser', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await leave(page);
    assert.deepEqual(await remembered(page), {});
    await page.context().close();
    // Where it does not, the same is.
    const kept = await familiar(world());
    await leave(kept.page);
    assert.notDeepEqual(await remembered(kept.page), {});
    await kept.context.close();
  });

  test('logging out forgets what was seen, also what another tab was about to keep', async () => {
    const { page, context, number } = await familiar(world());
    const other = await another(world(), page);
    await other.goto(`${world().url}/#/account`);
    await other.getByText('Member since').waitFor();
    await world().reply(number, 'Just now');
    await bubble(page, 'Just now').waitFor();
    await other.getByRole('button', { name: 'Log out', exact: true }).click();
    for (const tab of [page, other]) await tab.getByRole('heading', { name: 'Log in' }).waitFor();
    await leave(page);
    assert.deepEqual(await remembered(page), {});
    await other.reload();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await row(other).count(), 0);
    await context.close();
  });

  test('a login that has ended elsewhere shows nothing but the door, and forgets what was seen', async () => {
    const { page, context, name, token, number } = await familiar(world());
    await page.close();
    await api(world(), token, 'logout?everywhere=true', { method: 'POST' });
    const later = await another(world(), context);
    await later.goto(`${world().url}/#/conversations/${number}`);
    await later.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
    assert.equal(await bubble(later, 'Hello').count(), 0);
    await until('all is forgotten', async () => Object.keys(await remembered(later)).length === 0);
    // It leads to where it was to go.
    await later.getByLabel('Username').fill(name);
    await later.getByLabel('Password').fill(PASSWORD);
    await later.getByRole('button', { name: 'Log in' }).click();
    await bubble(later, 'Hello').waitFor();
    await context.close();
  });

  test('a login that ends while its page is open forgets what was seen', async () => {
    const { page, context, token } = await familiar(world());
    await api(world(), token, 'logout?everywhere=true', { method: 'POST' });
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await leave(page);
    await until('all is forgotten', async () => Object.keys(await remembered(page)).length === 0);
    await context.close();
  });

  test('who logs in next finds nothing of somebody else', async () => {
    const { page, context } = await familiar(world());
    const stranger = await world().tab();
    const name = await signUp(world(), stranger);
    await stranger.context().close();
    // As if the browser had lost the cookie alone.
    await context.clearCookies();
    await page.evaluate(() => localStorage.removeItem('mysms/login'));
    await page.evaluate(() => sessionStorage.clear());
    await page.goto(`${world().url}/web/none`);
    assert.match(JSON.stringify(await remembered(page)), /Hello/);
    await logIn(world(), page, name);
    await page.getByText('No conversations yet').waitFor();
    await forgets(page, 'Hello');
    await context.close();
  });

  test('when all messages or the account are deleted nothing is remembered of them', async () => {
    const { page, context, number } = await familiar(world());
    // Whether or not it hears of each of them.
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await age(page).list.waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Delete all messages' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete all', exact: true }).click();
    await forgets(page, 'Hello');
    await page.unroute('**/events');
    await page.reload();
    await row(page).waitFor({ state: 'detached' });
    await open(world(), page, number);
    await write(page, 'Once more');
    await remembers(page, `thread ${number}`, ['Once more', 'delivered']);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('button', { name: 'Delete everything' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await until('all is forgotten', async () => Object.keys(await remembered(page)).length === 0);
    await context.close();
  });

  test('of two tabs one keeps the list and each its threads, and one that has not heard brings nothing back', async () => {
    const { page, context, number } = await familiar(world());
    const other = await another(world(), page);
    // Until it hears again, as one that the browser has put to sleep.
    await other.addInitScript(() => {
      const { addEventListener: add } = BroadcastChannel.prototype;
      BroadcastChannel.prototype.addEventListener = function (/** @type {string} */ kind, /** @type {any} */ listener, /** @type {any} */ how) {
        add.call(this, kind, (/** @type {any} */ event) => /** @type {any} */ (globalThis).isDeaf || listener(event), how);
      };
      Object.defineProperty(Document.prototype, 'hidden', { get: () => Boolean(/** @type {any} */ (globalThis).isAway) });
    });
    const second = newNumber();
    await open(world(), other, second);
    await write(other, 'To a second');
    await status(other, 'To a second', 'Delivered').waitFor();
    await remembers(other, 'list', ['To a second', 'Hello']);
    await remembers(other, `thread ${second}`, ['To a second']);
    await open(world(), other, number);
    await bubble(other, 'Hello').waitFor();
    await other.evaluate(() => (/** @type {any} */ (globalThis).isAway = true));
    await world().reply(number, 'An answer');
    await bubble(other, 'An answer').waitFor();
    await other.evaluate(() => (/** @type {any} */ (globalThis).isDeaf = true));
    await bubble(page, 'Hello').getByRole('button').first().click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete' }).last().click();
    await bubble(page, 'Hello').waitFor({ state: 'detached' });
    await forgets(page, 'Hello');
    assert.equal(await bubble(other, 'Hello').count(), 1);
    // It is looked at, so the answer has been read, and is closed before it hears anything.
    await other.evaluate(() => {
      /** @type {any} */ (globalThis).isAway = false;
      document.dispatchEvent(new Event('visibilitychange'));
      dispatchEvent(new Event('pagehide'));
    });
    await remembers(other, `thread ${number}`, ['An answer', '"unread":false,"send_at":null']);
    assert.ok(!JSON.stringify(await remembered(page)).includes('Hello'));
    await context.close();
  });

  test('a cookie of somebody else leads to the door as well', async () => {
    const { page, context } = await familiar(world());
    const stranger = await world().tab();
    await signUp(world(), stranger);
    const planted = await stranger.context().cookies();
    await page.close();
    await context.addCookies(planted);
    const later = await another(world(), context);
    await later.goto(world().url);
    await later.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
    await until('all is forgotten', async () => Object.keys(await remembered(later)).length === 0);
    await Promise.all([context, stranger.context()].map((one) => one.close()));
  });

  test('a page that has begun already is loaded again for a new version, once, and shows what is told by then', async () => {
    const { page, context } = await familiar(world());
    await page.close();
    const later = await another(world(), context);
    let asked = 0;
    await later.route('**/client.json', async (route) => {
      asked += 1;
      const told = await (await route.fetch()).json();
      await route.fulfill({ json: { ...told, web: 'another', simulated: false } });
    });
    await later.goto(world().url);
    await until('it is asked twice', () => asked === 2);
    await row(later).getByText('Hello').waitFor();
    await age(later).list.waitFor({ state: 'hidden' });
    await later.getByText('No message leaves this computer.').waitFor({ state: 'detached' });
    assert.equal(asked, 2);
    await context.close();
  });

  test('a browser that keeps nothing starts all the same', async () => {
    const { page, context, number } = await familiar(world());
    await page.close();
    const later = await another(world(), context);
    await later.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('not here', 'SecurityError');
      };
    });
    await later.goto(`${world().url}/#/conversations/${number}`);
    await bubble(later, 'Hello').waitFor();
    await editor(later).waitFor();
    await row(later).getByText(shown(number)).waitFor();
    await context.close();
  });
}
