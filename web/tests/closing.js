import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { another, bubble, editor, newNumber, open, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function closing(world) {
  test('what waits and what is a draft outlive the tab, and go out once', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    // Nobody else of this browser sends it meanwhile.
    await context.route('**/messages', (route) => route.abort());
    await write(page, 'Hold on');
    await status(page, 'Hold on', 'Waiting for the connection').waitFor();
    await editor(page).fill('A draft');
    await page.close();
    await context.unroute('**/messages');
    const tabs = await Promise.all([1, 2, 3].map(() => another(world(), context)));
    await Promise.all(tabs.map((tab) => open(world(), tab, number)));
    for (const tab of tabs) {
      await status(tab, 'Hold on', 'Delivered').waitFor();
      assert.equal(await bubble(tab, 'Hold on').count(), 1);
      assert.equal(await editor(tab).inputValue(), 'A draft');
    }
    assert.equal((await world().at(number)).length, 2);
    await context.close();
  });

  test('one tab sends what any of them is given', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    const tabs = [page, await another(world(), context), await another(world(), context)];
    await Promise.all(tabs.map((tab) => open(world(), tab, number)));
    await context.setOffline(true);
    for (const [place, tab] of tabs.entries()) await write(tab, `From tab ${place}`);
    for (const tab of tabs) {
      for (const [place] of tabs.entries()) await bubble(tab, `From tab ${place}`).waitFor();
    }
    /** @type {string[]} */
    const keys = [];
    context.on('request', (request) => {
      const key = request.method() === 'POST' && request.url().endsWith('/messages') && request.headers()['idempotency-key'];
      if (key) keys.push(key);
    });
    await context.setOffline(false);
    for (const tab of tabs) {
      for (const [place] of tabs.entries()) {
        await status(tab, `From tab ${place}`, 'Delivered').waitFor();
        await until('one is left', async () => (await bubble(tab, `From tab ${place}`).count()) === 1);
      }
    }
    assert.equal(new Set(keys).size, 3);
    assert.equal((await world().at(number)).length, 4);
    await context.close();
  });

  test('a text that waits can be taken back and changed, and the list shows it', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const fresh = newNumber();
    const row = (/** @type {string} */ words) => page.locator('.side .row').filter({ hasText: words });
    await page.context().setOffline(true);
    await write(page, 'Not like this');
    await row('Waiting: Not like this').waitFor();
    await bubble(page, 'Not like this').getByRole('button', { name: 'Take back' }).click();
    assert.equal(await editor(page).inputValue(), 'Not like this');
    await bubble(page, 'Not like this').waitFor({ state: 'detached' });
    await row('You: Hello').waitFor();
    await editor(page).fill('But like this');
    await open(world(), page, fresh);
    await row('Draft: But like this').waitFor();
    // Somebody to whom nothing was sent yet.
    await write(page, 'Are you there?');
    await row('Waiting: Are you there?').waitFor();
    await open(world(), page, number);
    assert.equal(await editor(page).inputValue(), 'But like this');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.context().setOffline(false);
    await status(page, 'But like this', 'Delivered').waitFor();
    assert.deepEqual((await world().at(number)).map((text) => text.body).sort(), ['But like this', 'Hello']);
    await until('the other one is there', async () => (await world().at(fresh)).length === 1);
    await page.context().close();
  });

  test('a text that the server may have is taken back only after a question', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.route('**/messages', async (route) => {
      await route.fetch();
      // It may go on unchanged by then.
      return route.abort().catch(() => {});
    });
    await write(page, 'Gone?');
    await bubble(page, 'Gone?').getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('dialog').getByText('it may already have this message').waitFor();
    await page.unroute('**/messages');
    await page.getByRole('button', { name: 'Keep waiting' }).click();
    await status(page, 'Gone?', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    await page.context().close();
  });

  test('logging out asks before what waits is discarded', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.route('**/messages', (route) => route.abort());
    await write(page, 'Waiting');
    await status(page, 'Waiting', 'Waiting for the connection').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByText('1 message that you wrote here was not sent yet').waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    await page.getByText('Member since').waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('button', { name: 'Log out and discard' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });

  test('what has waited for days is sent only if its user says so', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    await context.route('**/messages', (route) => route.abort());
    await write(page, 'I am on my way');
    await status(page, 'I am on my way', 'Waiting for the connection').waitFor();
    await age(page);
    await page.close();
    await context.unroute('**/messages');
    const later = await another(world(), context);
    await open(world(), later, number);
    await status(later, 'I am on my way', 'more than a day').waitFor();
    await bubble(later, 'I am on my way').getByRole('button', { name: 'Try again' }).click();
    await status(later, 'I am on my way', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    await context.close();
  });

  test('where a browser keeps nothing it asks before a page is closed in which a text waits', async () => {
    const page = await world().tab();
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('nothing is kept', 'SecurityError');
      };
    });
    const { number } = await talk(world(), page);
    /** @type {string[]} */
    const asked = [];
    page.removeAllListeners('dialog');
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      // The user stays.
      dialog.dismiss();
    });
    await page.route('**/messages', (route) => route.abort());
    await write(page, 'Hold on');
    await status(page, 'Hold on', 'Waiting for the connection').waitFor();
    await page.close({ runBeforeUnload: true });
    await until('it asks', () => asked.length > 0);
    assert.deepEqual(asked, ['beforeunload']);
    await page.unroute('**/messages');
    await status(page, 'Hold on', 'Delivered').waitFor();
    // Nothing waits any more.
    await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })]);
    assert.equal(asked.length, 1);
    assert.equal((await world().at(number)).length, 2);
    await page.context().close();
  });

  test('a draft is the same in all tabs, and of its user alone', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const other = await another(world(), page);
    await open(world(), other, number);
    await editor(page).fill('Written here');
    const row = other.locator('.side .row').filter({ hasText: 'Draft: Written here' });
    await other.goto(`${world().url}/#/account`);
    await row.waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await signUp(world(), page);
    await open(world(), page, number);
    assert.equal(await editor(page).inputValue(), '');
    await page.context().close();
  });
}

/** Lets what waits be two days old. @param {Page} page */
const age = (page) =>
  page.evaluate(async () => {
    /** @type {IDBDatabase} */
    const database = await new Promise((resolve) => {
      const request = indexedDB.open('mysms/kept');
      request.onsuccess = () => resolve(request.result);
    });
    await new Promise((resolve) => {
      const transaction = database.transaction('outbox', 'readwrite');
      transaction.objectStore('outbox').openCursor().onsuccess = ({ target }) => {
        const cursor = /** @type {IDBRequest<IDBCursorWithValue | null>} */ (target).result;
        cursor?.update({ ...cursor.value, writtenAt: cursor.value.writtenAt - 2 * 86_400_000 });
      };
      transaction.oncomplete = resolve;
    });
  });
