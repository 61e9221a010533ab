import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { bubble, editor, newNumber, open, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { Page, Route } from 'playwright-core' */
/** @import { World } from './harness.js' */
/** @import { Message } from '../api/types.js' */

/** @param {() => World} world */
export function network(world) {
  test('what is written without a network goes out once when it is back', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await write(page, 'Later');
    await status(page, 'Later', 'Waiting for the connection').waitFor();
    await page.context().setOffline(false);
    await status(page, 'Later', 'Delivered').waitFor();
    await page.getByText('You are offline.').waitFor({ state: 'hidden' });
    assert.equal((await world().at(number)).filter((text) => text.body === 'Later').length, 1);
    await page.context().close();
  });

  test('a text whose answer is lost is sent once', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    /** @type {(string | undefined)[]} */
    const keys = [];
    await page.route('**/messages', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await write(page, 'Did you get it?');
    await status(page, 'Did you get it?', 'Delivered').waitFor();
    await until('one is left', async () => (await bubble(page, 'Did you get it?').count()) === 1);
    assert.ok(keys.length > 1);
    assert.equal(new Set(keys).size, 1);
    assert.equal((await world().at(number)).filter((text) => text.body === 'Did you get it?').length, 1);
    await page.context().close();
  });

  test('a text that waits outlives a reload', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.route('**/messages', (route) => route.abort());
    await write(page, 'Hold on');
    await status(page, 'Hold on', 'Waiting for the connection').waitFor();
    await editor(page).fill('A draft');
    await page.unroute('**/messages');
    await page.reload();
    await status(page, 'Hold on', 'Delivered').waitFor();
    assert.equal(await editor(page).inputValue(), 'A draft');
    assert.equal((await world().at(number)).length, 2);
    await page.context().close();
  });

  test('a list that cannot be read says so, and can be asked for again', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await page.route(/\/(conversations|messages)\?/, (route) => route.abort());
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await page.locator('.side').getByText('Not loaded').waitFor();
    await page.getByText('Cannot reach the server. Messages that you send').waitFor();
    await page.unroute(/\/(conversations|messages)\?/);
    await page.locator('.side').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.side .row').waitFor();
    await page.unroute('**/events');
    await page.getByText('Cannot reach the server. Messages that you send').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('a list that was read before the latest news takes nothing back', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const list = await holdList(page);
    /** @type {[string, (hello: Message) => Message[]][]} */
    const pictures = [
      ['Read before Hello was there', () => []],
      ['Read when Hello was queued', (hello) => [{ ...hello, status: 'queued', version: 1 }]],
    ];
    for (const [before, older] of pictures) {
      await open(world(), page, newNumber());
      await write(page, 'Hello');
      await status(page, 'Hello', 'Delivered').waitFor();
      const hello = await newest(page, world().url);
      await list.answer([...older(hello), { ...hello, id: '0', content: before }]);
      await bubble(page, before).waitFor();
      assert.equal(await status(page, 'Hello', 'Delivered').count(), 1);
    }
    await page.context().close();
  });
}

/** Lets nothing be known of a conversation until it is answered for the server. @param {Page} page */
async function holdList(page) {
  /** @type {Route[]} */
  const held = [];
  await page.route('**/conversations/*?*', (route) => {
    held.push(route);
  });
  return {
    /** @param {Message[]} items */
    async answer(items) {
      await until('the list is asked for', () => held.length > 0);
      for (const route of held.splice(0)) await route.fulfill({ json: items });
    },
  };
}

/** @param {Page} page @param {string} url @returns {Promise<Message>} the user's newest message */
async function newest(page, url) {
  const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
  const answer = await fetch(`${url}/messages?order=desc&limit=1`, { headers });
  return /** @type {any} */ (await answer.json())[0];
}
