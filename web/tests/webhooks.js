import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource } from './harness.js';
import { newNumber, pressTwice, signUp, tokenOf } from './people.js';

/** @import { AddressInfo } from 'node:net' */
/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function webhooks(world) {
  test('a webhook is made, its secret shown once, tried, switched off and on, and deleted', async () => {
    const receiver = await receive(204);
    const page = await world().tab();
    await signUp(world(), page);
    await account(world(), page);
    await page.getByLabel('URL').fill('http://example.com/');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByText(/^URL (must|names)/).waitFor();

    await page.getByLabel('URL').fill(receiver.url);
    await page.getByLabel('Description').fill('<b>orders</b>');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const first = await secret(page);
    assert.match(first, /^whsec_/);
    const list = page.getByRole('list', { name: 'Webhooks' });
    await list.getByText('<b>orders</b>').waitFor();
    await list.getByText(/^Active/).waitFor();
    assert.equal((await page.content()).includes(first), false);

    await pressTwice(list.getByRole('button', { name: 'Test' }));
    await list.getByText(/^Answered 204 after \d+ ms\.$/).waitFor();
    assert.equal(receiver.events.length, 1);
    await list.getByRole('button', { name: 'Deliveries' }).click();
    await list.getByText('Nothing was delivered yet.').waitFor();
    const look = looker(page, await axeSource());
    await look('webhooks');

    await list.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click();
    assert.notEqual(await secret(page), first);
    await list.getByRole('button', { name: 'Disable' }).click();
    await list.getByText(/^Disabled by you/).waitFor();
    await list.getByRole('button', { name: 'Enable' }).click();
    await list.getByText(/^Active/).waitFor();

    await list.getByRole('button', { name: 'Delete webhook' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await list.waitFor({ state: 'detached' });
    await page.context().close();
    receiver.stop();
  });

  test('a webhook that answers that it is gone is shown as disabled at once', async () => {
    const receiver = await receive(410);
    const page = await world().tab();
    await signUp(world(), page);
    await account(world(), page);
    await page.getByLabel('URL').fill(receiver.url);
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await secret(page);
    const list = page.getByRole('list', { name: 'Webhooks' });
    await list.getByText(/^Active/).waitFor();
    const answer = await fetch(`${world().url}/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await tokenOf(page)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ recipient: newNumber(), content: 'Hello' }),
    });
    assert.equal(answer.status, 200);
    await list.getByText('Disabled: the receiver answered 410').waitFor();
    await page.getByText('A webhook was disabled.').waitFor({ state: 'attached' });
    await page.context().close();
    receiver.stop();
  });
}

/** Takes the secret from its dialog. @param {Page} page */
async function secret(page) {
  const shown = await page.getByRole('textbox', { name: 'Secret' }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return shown;
}

/** @param {World} world @param {Page} page */
async function account(world, page) {
  await page.goto(`${world.url}/#/account`);
  await page.getByText('Member since').waitFor();
}

/** A receiver that answers everything with a status. @param {number} status */
async function receive(status) {
  /** @type {string[]} */
  const events = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    events.push(body);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {AddressInfo} */ (server.address());
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/sms`, events, stop };
}
