import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { appears, bubble, editor, newNumber, open, shown, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function doubts(world) {
  test('who may have meant STOP is listed as it happens for who may know, until somebody says what they meant', async () => {
    const page = await world().tab();
    const { name, number } = await talk(world(), page);
    const other = newNumber();
    await open(world(), page, other);
    await write(page, 'Hello');
    await bubble(page, 'Hello').waitFor();
    // Whoever looks after no sender has no such list.
    await page.goto(`${world().url}/#/maybes`);
    await until('it leads elsewhere', () => page.url().endsWith('#/'));
    await page.goto(`${world().url}/#/contacts`);
    await page.getByText('No contacts yet').waitFor();
    assert.equal(await page.getByRole('link', { name: 'May have meant STOP' }).isVisible(), false);

    await world().admin('consent', 'grant', name);
    await until('they may', async () => {
      await page.reload();
      await page.getByText('No contacts yet').waitFor();
      return appears(page.getByRole('link', { name: 'May have meant STOP' }));
    });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command menu' }).fill('May have');
    await page.getByRole('option', { name: 'May have meant STOP' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'May have meant STOP' }).click();
    await page.getByRole('heading', { name: 'May have meant STOP' }).waitFor();
    for (const one of [number, other]) await world().reply(one, 'Stop. Thank you');
    for (const one of [number, other]) await person(page, one).waitFor();
    await looker(page, await axeSource())('who may have meant STOP');

    await person(page, number).getByRole('button', { name: 'They meant STOP' }).click();
    await person(page, number).waitFor({ state: 'detached' });
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
    await person(page, other).getByRole('button', { name: 'They want messages' }).click();
    await person(page, other).waitFor({ state: 'detached' });
    await page.goto(`${world().url}/#/conversations/${number}`);
    await page.getByText('They opted out').first().waitFor();
    await open(world(), page, other);
    await editor(page).waitFor();

    // What somebody else says of them ends the doubt here.
    await page.goto(`${world().url}/#/maybes`);
    await world().reply(other, 'please cancel');
    await person(page, other).waitFor();
    await world().admin('consent', 'set', other, 'in', '--sender', '+15005550006');
    await person(page, other).waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('of many who may have meant STOP all can be reached, and a refusal is said', async () => {
    const page = await world().tab();
    await talk(world(), page);
    const all = Array.from({ length: 120 }, (_, place) => ({ number: `+1646700${String(place).padStart(4, '0')}`, sender: null, state: 'maybe', said_at: '2026-01-01T00:00:00.000Z' }));
    await page.route('**/opt-outs?*', (route) => {
      const query = new URL(route.request().url()).searchParams;
      const from = Number(query.get('cursor') ?? 0);
      const to = from + Number(query.get('limit'));
      return route.fulfill({ json: all.slice(from, to), headers: to < all.length ? { 'X-Next-Cursor': String(to) } : {} });
    });
    await page.goto(`${world().url}/#/maybes`);
    const people = page.getByRole('list', { name: 'People in doubt' }).getByRole('listitem');
    for (const count of [50, 100, 120]) {
      await until(`${count} are shown`, async () => (await people.count()) === count);
      if (count < 120) await page.getByRole('button', { name: 'Load more' }).click();
    }
    await person(page, '+16467000119').getByRole('button', { name: 'They meant STOP' }).click();
    await person(page, '+16467000119').locator('.fault').waitFor();
    assert.equal(await people.count(), 120);
    await page.context().close();
  });
}

/** @param {Page} page @param {string} number */
const person = (page, number) => page.getByRole('list', { name: 'People in doubt' }).getByRole('listitem').filter({ hasText: shown(number) });
