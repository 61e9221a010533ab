import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { MARKUP, SCRIPT, bubble, editor, logIn, shown, status, talk, tokenOf, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function receiving(world) {
  test('an answer written on the phone arrives live, and STOP is obeyed until START', async () => {
    const page = await world().tab();
    await talk(world(), page);
    const [phone] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Open the phone' }).click(),
    ]);
    await phone.getByText('Hello', { exact: true }).last().waitFor();
    await phone.getByLabel('Text from this phone').fill('Hello yourself');
    await phone.getByRole('button', { name: 'Send', exact: true }).click();
    await bubble(page, 'Hello yourself').waitFor();

    await phone.getByRole('button', { name: 'STOP', exact: true }).click();
    await page.getByText('They opted out').waitFor();
    assert.equal(await editor(page).isVisible(), false);

    await phone.getByLabel('Text from this phone').fill('START');
    await phone.getByRole('button', { name: 'Send', exact: true }).click();
    await editor(page).waitFor();
    await write(page, 'Welcome back');
    await status(page, 'Welcome back', 'Delivered').waitFor();
    await page.context().close();
  });

  test('a text that crosses a STOP is refused, says so, and can be changed without losing anything', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    // This tab hears of the STOP only after it has sent.
    await page.route('**/events', (route) => route.abort());
    await page.route('**/conversations?*', (route) => route.abort());
    await page.reload();
    await page.getByRole('button', { name: 'Send later' }).click();
    await editor(page).fill('Too late');
    await world().reply(number, 'STOP');
    await until('it is obeyed', async () => !(await isAcceptable(page, world().url, number)));
    await page.getByRole('button', { name: 'Schedule' }).click();
    await status(page, 'Too late', 'Not sent').waitFor();
    await editor(page).fill('Written since');
    await page.getByRole('button', { name: 'Edit' }).click();
    assert.equal(await editor(page).inputValue(), 'Too late\nWritten since');
    await page.getByRole('button', { name: 'Schedule' }).waitFor();
    assert.equal(await bubble(page, 'Too late').count(), 0);
    assert.equal((await world().at(number)).filter((text) => text.body === 'Too late').length, 0);
    await page.context().close();
  });

  test('whether somebody wants texts is seen, and said by who may', async () => {
    const page = await world().tab();
    const { name } = await talk(world(), page);
    const look = looker(page, await axeSource());
    const open = () => page.getByRole('button', { name: 'Opt-out status' }).click();
    const dialog = page.getByRole('dialog');
    await open();
    await dialog.getByText('Nothing known').first().waitFor();
    assert.equal(await dialog.getByRole('button').count(), 1, 'they may change nothing');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await world().admin('consent', 'grant', name);
    await until('they may', async () => {
      await open();
      await dialog.getByText('Nothing known').first().waitFor();
      const may = (await dialog.getByRole('button').count()) > 1;
      if (!may) await dialog.getByRole('button', { name: 'Close' }).click();
      return may;
    });
    await dialog.getByRole('button', { name: 'Block messages from all senders' }).click();
    await dialog.getByText('a user recorded it').waitFor();
    await look('what somebody wants');
    await page.getByText('They opted out, so you').waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Allow messages from all senders again' }).click();
    await dialog.getByText('Nothing is known here that Twilio').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await editor(page).waitFor();
    await write(page, 'Welcome back');
    await status(page, 'Welcome back', 'Delivered').waitFor();
    await page.context().close();
  });

  test('what is unread is counted until it is seen, in every tab', async () => {
    const first = await world().tab();
    const { name, number } = await talk(world(), first);
    const second = await world().tab();
    await logIn(world(), second, name);
    await first.goto(`${world().url}/#/`);
    await world().reply(number, 'One');
    await world().reply(number, 'Two');
    for (const page of [first, second]) {
      await page.getByText('2 unread messages').waitFor({ state: 'attached' });
      await until('the title tells', async () => (await page.title()).startsWith('(2) '));
    }
    await first.getByRole('link', { name: shown(number) }).click();
    for (const page of [first, second]) await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    await Promise.all([first, second].map((page) => page.context().close()));
  });

  test('a script in an answer stays text', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, SCRIPT);
    await bubble(page, SCRIPT).waitFor();
    assert.equal(await page.locator(MARKUP).count(), 0);
    await page.context().close();
  });

  test('an answer that comes while the network is away is not missed', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await world().reply(number, 'While you were away');
    await page.context().setOffline(false);
    await bubble(page, 'While you were away').waitFor();
    await page.context().close();
  });

  test('axe finds nothing in a conversation that goes both ways, and that was stopped', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    const { number } = await talk(world(), page);
    await world().reply(number, 'An answer');
    await bubble(page, 'An answer').waitFor();
    await look('a conversation');
    await world().reply(number, 'STOP');
    await page.getByText('They opted out').waitFor();
    await look('a conversation that was stopped');
    await page.context().close();
  });
}

/** Whether the API would send a text. @param {import('playwright-core').Page} page @param {string} url @param {string} recipient */
async function isAcceptable(page, url, recipient) {
  const answer = await fetch(`${url}/messages/preview`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await tokenOf(page)}` },
    body: JSON.stringify({ recipient, content: 'Is it obeyed?' }),
  });
  const told = /** @type {any} */ (await answer.json());
  return told.acceptable;
}
