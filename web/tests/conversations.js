import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { UNREACHABLE, ask, bubble, editor, logIn, newNumber, open, schedule, shown, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {Page} page */
const rows = (page) => page.getByRole('navigation').locator('.row');

/** @param {Page} page @param {string} number */
const row = (page, number) => rows(page).filter({ hasText: shown(number) });

/** @param {Page} page @param {string} number @param {string} action */
async function act(page, number, action) {
  await page.getByRole('navigation').getByRole('button', { name: `Actions for ${shown(number)}` }).click();
  await page.locator('dialog').getByRole('button', { name: action, exact: true }).click();
}

/** @param {Page} page @param {string} name */
const filter = (page, name) => page.getByRole('group', { name: 'Show' }).getByRole('button', { name, exact: true }).click();

/** A text to another number, so that there are two conversations. @param {World} world @param {Page} page */
async function another(world, page) {
  const number = newNumber();
  await open(world, page, number);
  await write(page, 'Hello');
  await bubble(page, 'Hello').waitFor();
  await row(page, number).waitFor();
  return number;
}

/** @param {() => World} world */
export function conversations(world) {
  test('what is pinned stands first, and what is archived comes back with the next text', async () => {
    const page = await world().tab();
    const { number: anna } = await talk(world(), page);
    const bert = await another(world(), page);
    await act(page, anna, 'Pin');
    await until('Anna stands first', async () => ((await rows(page).first().textContent()) ?? '').includes(shown(anna)));
    await act(page, bert, 'Archive');
    await row(page, bert).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, bert).waitFor();
    await act(page, bert, 'Archive');
    await row(page, bert).waitFor({ state: 'detached' });
    await filter(page, 'Archived');
    await row(page, bert).waitFor();
    assert.equal(await rows(page).count(), 1);
    await world().reply(bert, 'Here I am');
    // Both lists hear of it as it happens.
    await row(page, bert).waitFor({ state: 'detached' });
    await filter(page, 'All');
    await row(page, bert).waitFor();
    assert.ok(((await rows(page).first().textContent()) ?? '').includes(shown(anna)), 'what is pinned stays first');
    await page.context().close();
  });

  test('whoever has read further down keeps all that is there, whatever comes', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const send_at = new Date(Date.now() + 86_400_000).toISOString();
    const schedule = (/** @type {number} */ length) => ask(world(), page, 'messages/batch', { messages: Array.from({ length }, () => ({ recipient: newNumber(), content: 'For later', send_at })) });
    const far = newNumber();
    await schedule(30);
    await ask(world(), page, 'messages', { recipient: far, content: 'Hello' });
    await until('it is sent', async () => (await world().at(far)).length === 1);
    await schedule(229);
    await page.reload();
    for (let shown = 50; shown < 250; shown += 50) {
      await until(`there are ${shown}`, async () => (await rows(page).count()) === shown);
      await page.getByRole('button', { name: 'Load more' }).click();
    }
    await until('there are 250', async () => (await rows(page).count()) === 250);
    await row(page, far).waitFor();
    await world().reply(far, 'An answer');
    // That it is unread only the whole list says.
    await row(page, far).getByText('1 unread message').waitFor({ state: 'attached' });
    assert.equal(await rows(page).count(), 250);
    await page.getByRole('button', { name: 'Load more' }).click();
    await until('all are there', async () => (await rows(page).count()) === 260);
    await page.context().close();
  });

  test('of a conversation that the list lacks is known, too, that they opted out, and what is to be looked at', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().simulator('faults', { fault: UNREACHABLE, to: number, times: 1 });
    await write(page, 'Are you there?');
    await status(page, 'Are you there?', 'Not delivered').waitFor();
    await world().reply(number, 'STOP');
    await page.getByText('They opted out, so you').waitFor();
    await act(page, number, 'Archive');
    await row(page, number).waitFor({ state: 'detached' });
    const path = `conversations/${encodeURIComponent(number)}`;
    await ask(world(), page, path, { unread: true }, 'PATCH');
    await page.goto(`${world().url}/#/${path}`);
    await page.reload();
    await page.getByText('They opted out, so you').waitFor();
    assert.equal(await editor(page).isVisible(), false);
    const marks = () => ask(world(), page, path, {}, 'PATCH');
    await until('it was looked at', async () => !(await marks()).marked_unread);
    // What failed is not sent again, either.
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('dialog', { name: 'It cannot be sent again' }).getByText('They opted out').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    assert.equal((await world().at(number)).length, 2);
    // What is noted elsewhere is known at once.
    await ask(world(), page, path, { unread: true }, 'PATCH');
    const menu = page.locator('.view').getByRole('button', { name: `Actions for ${shown(number)}` });
    await until('it can be marked as read', async () => {
      await menu.click();
      const can = await page.getByRole('button', { name: 'Mark as read' }).isVisible();
      if (!can) await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      return can;
    });
    await page.getByRole('button', { name: 'Mark as read' }).click();
    await until('it is', async () => !(await marks()).marked_unread);
    await world().reply(number, 'START');
    await editor(page).waitFor();
    await page.context().close();
  });

  test('what is noted on a conversation shows on other devices as it happens', async () => {
    const page = await world().tab();
    const { number: anna, name } = await talk(world(), page);
    const bert = await another(world(), page);
    const device = await world().tab();
    await logIn(world(), device, name);
    await row(device, anna).waitFor();
    await act(page, anna, 'Pin');
    await until('Anna stands first there', async () => ((await rows(device).first().textContent()) ?? '').includes(shown(anna)));
    await act(page, bert, 'Archive');
    await row(device, bert).waitFor({ state: 'detached' });
    await act(page, anna, 'Mark as unread');
    await row(device, anna).getByText('Marked as unread').waitFor();
    await act(device, anna, 'Mark as read');
    await row(page, anna).getByText('Marked as unread').waitFor({ state: 'hidden' });
    for (const one of [page, device]) await one.context().close();
  });

  test('a conversation is marked as unread until it is opened again, in all tabs', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const other = await page.context().newPage();
    world().watch(other);
    await other.goto(`${world().url}/#/`);
    await row(other, number).waitFor();
    await act(page, number, 'Mark as unread');
    await row(page, number).getByText('Marked as unread').waitFor();
    await row(other, number).getByText('Marked as unread').waitFor();
    await filter(other, 'Unread');
    await row(other, number).waitFor();
    await row(page, number).click();
    await row(page, number).getByText('Marked as unread').waitFor({ state: 'hidden' });
    await row(other, number).waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('what failed and what waits is found', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const failing = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: failing });
    await open(world(), page, failing);
    await write(page, 'Hello?');
    await status(page, 'Hello?', 'Not delivered').waitFor();
    await filter(page, 'Failed');
    await row(page, failing).waitFor();
    assert.equal(await rows(page).count(), 1);
    await filter(page, 'Waiting');
    await page.getByText('No such conversations').waitFor();
    await open(world(), page, number);
    await schedule(page, 'For later');
    await row(page, number).waitFor();
    assert.equal(await rows(page).count(), 1);
    await page.context().close();
  });

  test('a conversation is deleted once it was said how many texts go', async () => {
    const page = await world().tab();
    const { number: anna } = await talk(world(), page);
    await world().reply(anna, 'An answer');
    await bubble(page, 'An answer').waitFor();
    const bert = await another(world(), page);
    await open(world(), page, anna);
    await bubble(page, 'An answer').waitFor();
    await act(page, anna, 'Delete conversation');
    await page.getByText('MySMS deletes 2 messages. You cannot undo this.').waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await act(page, anna, 'Delete conversation');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await row(page, anna).waitFor({ state: 'detached' });
    await row(page, bert).waitFor();
    assert.equal(new URL(page.url()).hash, '#/', 'whoever was in it is back at the list');
    await page.context().close();
  });
}
