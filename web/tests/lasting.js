import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { until } from './harness.js';
import { PASSWORD, another, editor, endToken, logIn, newName, open, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { BrowserContext, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function lasting(world) {
  test('a new tab is logged in, however it is opened, and no script sees by what', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const second = await another(world(), page);
    await open(world(), second, number);
    await status(second, 'Hello', 'Delivered').waitFor();
    const [third] = await Promise.all([
      page.context().waitForEvent('page'),
      page.locator('.side .row').click({ modifiers: ['Control'] }),
    ]);
    world().watch(third);
    await status(third, 'Hello', 'Delivered').waitFor();
    // Also when no other tab can be asked.
    await Promise.all([page, second].map((tab) => tab.close()));
    const fourth = await another(world(), third);
    await third.close();
    await open(world(), fourth, number);
    await status(fourth, 'Hello', 'Delivered').waitFor();
    const [cookie, ...others] = await fourth.context().cookies();
    assert.equal(others.length, 0);
    assert.deepEqual(
      { httpOnly: cookie?.httpOnly, sameSite: cookie?.sameSite, path: cookie?.path, expires: cookie?.expires },
      { httpOnly: true, sameSite: 'Strict', path: '/session', expires: -1 },
    );
    assert.equal(await fourth.evaluate(() => document.cookie), '');
    await fourth.context().close();
  });

  test('a browser that is closed stays logged in if its user wants that, and only then', async () => {
    for (const stays of [true, false]) {
      const directory = await mkdtemp(join(tmpdir(), 'mysms-browser-'));
      const name = newName();
      const first = await world().browserAt(directory);
      const page = await tabOf(first);
      await page.goto(`${world().url}/#/signup`);
      await page.getByLabel('Username').fill(name);
      await page.getByLabel('Password').fill(PASSWORD);
      const keep = page.getByLabel('Keep me logged in on this device');
      assert.equal(await keep.isChecked(), false);
      await keep.setChecked(stays);
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.getByText('No conversations yet').waitFor();
      await page.getByRole('link', { name: 'Account' }).click();
      await page.getByRole('list', { name: 'Sessions' }).getByText('This device:').waitFor();
      assert.equal(await page.getByText('stays logged in').count(), stays ? 1 : 0);
      await first.close();

      const second = await world().browserAt(directory);
      const again = await tabOf(second);
      await again.goto(`${world().url}/#/account`);
      if (stays) await again.getByText(`Logged in as ${name}`).waitFor();
      else await again.getByRole('heading', { name: 'Log in' }).waitFor();
      await second.close();
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('logging out ends the login in all tabs of the browser', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const other = await another(world(), page);
    await open(world(), other, number);
    await editor(other).fill('My secret');
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    for (const tab of [page, other]) await tab.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    await other.reload();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await kept(page), 0);
    await page.context().close();
  });

  test('whoever logs out without a network is logged out here all the same', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const old = await tokenOf(page);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().setOffline(false);
    await page.reload();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await until('the server has heard of it', async () => {
      const answer = await fetch(`${world().url}/me`, { headers: { Authorization: `Bearer ${old}` } });
      return answer.status === 401;
    });
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
  });

  test('nobody goes on as somebody else by a cookie that is not theirs', async () => {
    const page = await world().tab();
    const name = await signUp(world(), page);
    const stranger = await world().tab();
    await signUp(world(), stranger);
    const planted = await stranger.context().cookies();
    assert.equal(planted.length, 1);
    await page.context().addCookies(planted);
    const other = await another(world(), page);
    await endToken(world(), page);
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor({ state: 'detached' });
    await page.context().addCookies(planted);
    await page.goto('about:blank');
    await other.goto(world().url);
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    await logIn(world(), other, name);
    await other.getByText(name).first().waitFor();
    await Promise.all([page, stranger].map((tab) => tab.context().close()));
  });

  test('tabs that renew the login at once stay logged in', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const tabs = [page, ...(await Promise.all([1, 2, 3].map(() => another(world(), page))))];
    await Promise.all(tabs.map((tab) => tab.goto(`${world().url}/#/account`)));
    for (const tab of tabs) await tab.getByText('Member since').waitFor();
    const before = await tokenOf(page);
    for (const tab of tabs) {
      await tab.evaluate(() => {
        const session = JSON.parse(sessionStorage.getItem('mysms/session') ?? '{}');
        sessionStorage.setItem('mysms/session', JSON.stringify({ ...session, renewAt: 0 }));
      });
    }
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) {
      await until('the token is another', async () => (await tokenOf(tab)) !== before);
      await tab.getByText('Member since').waitFor();
      assert.equal(await tab.getByRole('heading', { name: 'Log in again' }).count(), 0);
    }
    await page.context().close();
  });

  test('a token that has run out is replaced without a word', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    let refused = 0;
    const old = await tokenOf(page);
    await page.route('**/messages', async (route) => {
      const isOld = route.request().headers().authorization === `Bearer ${old}`;
      if (!isOld) return route.continue();
      refused += 1;
      return route.fulfill({ status: 401, json: { type: 'urn:mysms:problem:unauthorized', detail: 'Log in first.' } });
    });
    await write(page, 'Still here');
    await status(page, 'Still here', 'Delivered').waitFor();
    assert.equal(refused, 1);
    assert.equal(await page.getByRole('heading', { name: 'Log in again' }).count(), 0);
    assert.equal((await world().at(number)).length, 2);
    await page.context().close();
  });
}

/** @param {BrowserContext} context */
const tabOf = async (context) => context.pages()[0] ?? context.newPage();

/** How much this browser keeps of anybody's texts. @param {Page} page @returns {Promise<number>} */
const kept = (page) =>
  page.evaluate(async () => {
    /** @type {IDBDatabase} */
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open('mysms/kept');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const stores = [...database.objectStoreNames];
    const counts = stores.map((name) => new Promise((/** @type {(count: number) => void} */ resolve) => {
      const request = database.transaction(name).objectStore(name).count();
      request.onsuccess = () => resolve(request.result);
    }));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  });
