import assert from 'node:assert/strict';
import { test } from 'node:test';

import { age, api, familiar, forgets, leave, remembered, remembers, row } from './familiar.js';
import { until } from './harness.js';
import { PASSWORD, another, bubble, logIn, newNumber, open, signUp, status, talk, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function forgetting(world) {
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
}
