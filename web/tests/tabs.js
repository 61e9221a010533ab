import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bubble, logIn, open, schedule, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function tabs(world) {
  test('two tabs stay in step', async () => {
    const first = await world().tab();
    const { name, number } = await talk(world(), first);
    const second = await world().tab();
    await logIn(world(), second, name);
    await open(world(), second, number);
    await write(first, 'From the first');
    await status(second, 'From the first', 'Delivered').waitFor();
    await write(second, 'From the second');
    await status(first, 'From the second', 'Delivered').waitFor();
    await bubble(second, 'From the first').getByRole('button').click();
    await second.getByRole('button', { name: 'Delete' }).click();
    await second.getByRole('button', { name: 'Delete' }).last().click();
    for (const page of [first, second]) await bubble(page, 'From the first').waitFor({ state: 'detached' });
    await Promise.all([first, second].map((page) => page.context().close()));
  });

  test('the details of a text follow what is done with it in another tab', async () => {
    const first = await world().tab();
    const { name, number } = await talk(world(), first);
    await schedule(first, 'For later');
    const second = await world().tab();
    await logIn(world(), second, name);
    await open(world(), second, number);
    for (const page of [first, second]) {
      await bubble(page, 'For later').getByRole('button').click();
      await page.getByText('It will be sent').waitFor();
      await page.locator('.steps').getByText('Stored, to be sent').waitFor();
    }
    const revoke = (/** @type {Page} */ page) => page.getByRole('button', { name: 'Cancel sending' });
    await revoke(first).focus();
    await revoke(second).click();
    await second.getByRole('button', { name: 'Cancel it' }).click();
    await first.getByText('You cancelled it before it was sent.').waitFor();
    await first.locator('.steps').getByText('Cancelled').waitFor();
    assert.equal(await revoke(first).isVisible(), false);
    assert.equal(await first.evaluate(() => document.activeElement?.textContent), 'Close');

    await bubble(second, 'For later').getByRole('button').click();
    await second.getByRole('button', { name: 'Delete' }).click();
    await second.getByRole('button', { name: 'Delete' }).last().click();
    await first.getByRole('dialog').waitFor({ state: 'detached' });
    await Promise.all([first, second].map((page) => page.context().close()));
  });
}
