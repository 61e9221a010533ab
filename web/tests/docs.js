import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { PASSWORD, newName, newNumber } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** The page about the API. @param {() => World} world */
export function docs(world) {
  test('somebody new signs up on the page about the API, sends two texts and looks at one', async () => {
    const page = await world().tab();
    const name = await enter(world(), page);
    await choose(page, 'Send a message');
    const number = newNumber();
    for (const content of ['Hello', 'Hello again']) {
      await page.getByLabel('Body').fill(JSON.stringify({ recipient: number, content }));
      await send(page, '200 OK');
      // An earlier answer may still stand there.
      await page.getByText(`"content": "${content}"`).waitFor();
      await until('it arrives', async () => (await world().at(number)).some(({ body }) => body === content));
    }
    await choose(page, 'Look at one message');
    await send(page, '200 OK');
    await page.getByText('"content": "Hello again"').waitFor();

    await page.reload();
    await page.getByRole('banner').getByText(name).waitFor();
    await choose(page, 'List all messages of the caller');
    await send(page, '200 OK');
    await page.getByText('"content": "Hello again"').waitFor();
    await page.context().close();
  });

  test('the page about the API shows a stream of events until it is stopped', async () => {
    const page = await world().tab();
    await enter(world(), page);
    await choose(page, 'Follow what becomes of the caller');
    await page.getByRole('button', { name: 'Send request' }).click();
    await page.getByText('event: ready').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('every call has a page, and a call is found by its path', async () => {
    const page = await world().tab();
    await page.goto(`${world().url}/docs`);
    const calls = page.getByRole('navigation', { name: 'Calls' });
    await calls.getByText('Sign up').waitFor();
    const document = /** @type {any} */ (await (await fetch(`${world().url}/openapi.json`)).json());
    const operations = [document.paths, document.webhooks].flatMap((paths) => Object.values(paths)).flatMap((item) => Object.values(item));
    for (const { operationId, summary } of operations) {
      await page.goto(`${world().url}/docs#/${operationId}`);
      await page.getByRole('heading', { level: 1, name: summary, exact: true }).waitFor();
    }
    await page.getByLabel('Find a call').fill('/cancel');
    assert.deepEqual(await calls.getByRole('listitem').filter({ visible: true }).count(), 1);
    await page.context().close();
  });

  test('axe finds nothing on the page about the API, light and dark, narrow and wide', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    await page.goto(`${world().url}/docs`);
    await page.getByRole('heading', { name: 'What holds for all calls' }).waitFor();
    await look('the start');
    await enter(world(), page);
    await choose(page, 'Send a message');
    await open(page);
    await send(page, '200 OK');
    await open(page);
    await look('a call and its answer');
    await page.goto(`${world().url}/docs#/onMessageUpdated`);
    await page.getByRole('heading', { name: 'Something about a message changed' }).waitFor();
    await open(page);
    await look('an event');
    await page.context().close();
  });
}

/** Signs up on the page. @param {World} world @param {Page} page */
async function enter(world, page) {
  const name = newName();
  await page.goto(`${world.url}/docs`);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('banner').getByText(name).waitFor();
  return name;
}

/** @param {Page} page @param {string} call by its name */
async function choose(page, call) {
  await page.getByRole('navigation', { name: 'Calls' }).getByRole('link', { name: call }).click();
  await page.getByRole('heading', { level: 1, name: call }).waitFor();
}

/** @param {Page} page @param {string} status */
async function send(page, status) {
  await page.getByRole('button', { name: 'Send request' }).click();
  await page.getByRole('heading', { name: 'Answer', exact: true }).waitFor();
  await page.locator('.status').getByText(status).waitFor();
}

/** Opens all that can be opened, types within types once. @param {Page} page */
async function open(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('main details')) /** @type {HTMLDetailsElement} */ (details).open = true;
  });
}
