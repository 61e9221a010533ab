import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { newNumber, signUp } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function keys(world) {
  test('a key is made, shown once, used and revoked', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    await account(world(), page);
    await page.getByText('You have no API keys.').waitFor();
    const make = page.getByRole('button', { name: 'Create API key' });
    await make.click();
    await page.getByText('Name of the key is required.').waitFor();
    await page.getByLabel('Name of the key').fill('shop backend');
    await make.click();
    await page.getByText('Choose at least one.').waitFor();
    await page.getByLabel('Send messages').check();
    await page.getByLabel('Read sent messages').check();
    await make.click();
    const shown = page.getByLabel('Your new key');
    await shown.waitFor();
    const key = await shown.inputValue();
    assert.match(key, /^mk_live_[a-z2-7]{16}_[0-9A-Za-z]{49}$/);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy key' }).click();
    await page.getByText('Copied.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);

    const ask = () => fetch(`${world().url}/messages`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal((await ask()).status, 200);
    // That a key was used is noted once its answer has gone out.
    const list = page.getByRole('list', { name: 'API keys' });
    await until('the use is shown', async () => {
      await page.reload();
      await list.getByText('shop backend').first().waitFor();
      return list.getByText('last used').isVisible();
    });
    assert.equal(await shown.count(), 0);
    assert.ok(!(await page.content()).includes(key));

    await list.getByRole('button', { name: 'Revoke shop backend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    assert.equal((await ask()).status, 200);
    await list.getByRole('button', { name: 'Revoke shop backend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('You have no API keys.').waitFor();
    assert.equal((await ask()).status, 401);
    await page.context().close();
  });

  test('a key of a team needs its numbers, and axe finds nothing on a narrow page', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    await signUp(world(), page);
    await account(world(), page);
    const number = newNumber();
    assert.equal(await page.getByLabel('Numbers of the team').isVisible(), false);
    await page.getByLabel('Name of the key').fill('staging');
    await page.getByLabel('Send messages').check();
    await page.getByLabel('Mode').selectOption('team');
    await page.getByLabel('Numbers of the team').fill('12345');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByText(/^Numbers of the team at place 1/).waitFor();
    await look('a key with a fault');
    await page.getByLabel('Numbers of the team').fill(number);
    await page.getByLabel('Expires').fill('2099-12-31T12:00');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByLabel('Your new key').waitFor();
    const list = page.getByRole('list', { name: 'API keys' });
    await list.getByText(`Only to ${number}`).waitFor();
    await list.getByText('expires').waitFor();
    await look('a key that was just made');
    await page.context().close();
  });

  test('what a key for tests sends is not among the texts that were sent', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    await account(world(), page);
    await page.getByLabel('Name of the key').fill('tests');
    await page.getByLabel('Send messages').check();
    await page.getByLabel('Mode').selectOption('test');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const shown = page.getByLabel('Your new key');
    await shown.waitFor();
    const key = await shown.inputValue();
    assert.match(key, /^mk_test_/);
    await page.getByRole('list', { name: 'API keys' }).getByText('Only in the sandbox').waitFor();
    const sent = await fetch(`${world().url}/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}` },
      body: JSON.stringify({ recipient: newNumber(), content: 'only a test' }),
    });
    assert.equal(sent.status, 200);
    await page.goto(`${world().url}/#/`);
    await page.getByText('No conversations yet').waitFor();
    assert.equal(await page.getByText('only a test').count(), 0);
    await page.context().close();
  });
}

/** @param {World} world @param {Page} page */
async function account(world, page) {
  await page.goto(`${world.url}/#/account`);
  await page.getByText('Member since').waitFor();
}
