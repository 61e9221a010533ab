import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { until } from './harness.js';
import { bubble, editor, newNumber, open, shown, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function hotkeys(world) {
  test('single letters lead to what is done often, but not while somebody types, nor when they are switched off', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await page.goto(`${world().url}/#/`);
    const press = (/** @type {string} */ key) => page.keyboard.press(key);
    await page.getByText('Start a new message').waitFor();
    await press('n');
    await page.getByLabel('To', { exact: true }).waitFor();
    await until('the number is written next', () => hasFocus(page, 'To'));
    await page.keyboard.type('n/?k');
    assert.equal(await page.getByLabel('To', { exact: true }).inputValue(), 'n/?k');
    await page.locator('.stage').focus();
    await press('/');
    await until('words are written next', () => hasFocus(page, 'Words or a number'));
    await page.locator('.stage').focus();
    await press('/');
    await until('the same field is used', () => hasFocus(page, 'Words or a number'));
    await page.locator('.stage').focus();
    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    // Over a dialog they would leave it behind.
    await press('n');
    assert.match(page.url(), /#\/search/);
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.goto(`${world().url}/#/account`);
    await page.getByLabel('Keyboard shortcuts of a single letter').uncheck();
    await page.locator('.stage').focus();
    await press('n');
    await press('Control+k');
    await page.getByRole('dialog', { name: 'Command menu' }).waitFor();
    assert.match(page.url(), /#\/account/);
    await page.context().close();
  });

  test('what is asked for twice before it can be shown is open once', async () => {
    const page = await world().tab();
    await talk(world(), page);
    let [asked, go] = [0, () => {}];
    const gate = new Promise((/** @type {(value: void) => void} */ resolve) => (go = resolve));
    await page.route('**/views/rest.js', async (route) => {
      asked += 1;
      await gate;
      await route.continue();
    });
    await page.goto(`${world().url}/#/`);
    await page.reload();
    await page.locator('.side .row').first().waitFor();
    for (const key of ['?', '?', '?']) await page.keyboard.press(key);
    await until('it is fetched', () => asked > 0);
    go();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('the command menu finds a conversation by a part of its number or by a name, and does what the buttons do', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const fresh = newNumber();
    await editor(page).press('Control+k');
    const field = page.getByRole('combobox', { name: 'Command menu' });
    await until('it is typed in next', () => field.evaluate((element) => element === document.activeElement));
    await field.fill(number.slice(-6));
    const option = page.getByRole('option', { name: shown(number) });
    assert.equal(await option.getAttribute('aria-selected'), 'true');
    assert.equal(await field.getAttribute('aria-activedescendant'), await option.getAttribute('id'));
    await page.keyboard.press('Escape');
    await until('the text is written on', () => editor(page).evaluate((element) => element === document.activeElement));
    const friend = newNumber();
    await page.goto(`${world().url}/#/contacts`);
    await page.getByRole('button', { name: 'New contact' }).click();
    await page.getByLabel('Name').fill('Zoë Brown');
    await page.getByLabel('Number').fill(friend);
    await page.getByRole('button', { name: 'Save contact' }).click();
    await page.locator('.view .row', { hasText: 'Zoë Brown' }).waitFor();
    await page.keyboard.press('Control+k');
    await field.fill('zoe');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Zoë Brown' }).waitFor();
    // A number that is nobody's yet begins a conversation.
    await editor(page).press('Control+k');
    await field.fill(fresh);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: shown(fresh) }).waitFor();
    await editor(page).press('Control+k');
    await page.getByRole('option', { name: 'Search' }).click();
    await page.getByRole('heading', { name: 'Search', exact: true }).waitFor();
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().close();
  });

  test('the command menu leads to every view that needs nothing said about it', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const views = /** @type {const} */ ([
      ['New message', 'New message', '#/new'],
      ['Search', 'Search', '#/search'],
      ['Scheduled messages', 'Scheduled messages', '#/scheduled'],
      ['Contacts', 'Contacts', '#/contacts'],
      ['Campaigns', 'Campaigns', '#/campaigns'],
      ['New campaign', 'New campaign', '#/campaigns/new'],
      ['Templates', 'Templates', '#/account/templates'],
      ['Account', 'Account', '#/account'],
      ['All conversations', 'Messages', '#/'],
    ]);
    for (const [option, heading, place] of views) {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Command menu' }).fill(option);
      await page.getByRole('option', { name: option }).first().click();
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
      assert.equal(new URL(page.url()).hash, place);
    }
    // Whoever adds a view is reminded of the menu; these need to know whom or what it is about, or are
    // not for everybody.
    const about = ['conversations', 'sent', 'inbox', 'maybes'];
    const places = await readFile(new URL('../views/places.js', import.meta.url), 'utf8');
    const kinds = new Set([...places.matchAll(/kind === '(\w+)'/g)].map(([, kind]) => kind ?? ''));
    assert.ok(kinds.size > 5);
    assert.deepEqual([...kinds].filter((kind) => !about.includes(kind) && !views.some(([, , place]) => place === `#/${kind}`)), []);
    await page.context().close();
  });

  test('the list of conversations is one stop of the Tab key, and arrow keys move in it', async () => {
    const page = await world().tab();
    const { number: first } = await talk(world(), page);
    const numbers = [first];
    for (let more = 0; more < 2; more += 1) {
      const number = newNumber();
      numbers.unshift(number);
      await open(world(), page, number);
      await write(page, 'Hello');
      await status(page, 'Hello', 'Delivered').waitFor();
      await page.locator('.side .row').filter({ hasText: shown(number) }).waitFor();
    }
    const isOn = (/** @type {string | undefined} */ number) =>
      until(`the focus is on ${number}`, () => page.locator('.side .row:focus').filter({ hasText: shown(number ?? '') }).count().then((count) => count === 1));
    assert.equal(await page.locator('.side .row[tabindex="0"]').count(), 1);
    await page.goto(`${world().url}/#/`);
    await page.getByText('Start a new message').waitFor();
    await page.locator('.stage').focus();
    await page.keyboard.press('j');
    await isOn(numbers[0]);
    for (const [key, at] of /** @type {[string, number][]} */ ([['j', 1], ['ArrowDown', 2], ['ArrowDown', 2], ['k', 1], ['Home', 0], ['End', 2], ['ArrowUp', 1]])) {
      await page.keyboard.press(key);
      await isOn(numbers[at]);
    }
    // What arrives moves the rows, and not the focus.
    await world().reply(first, 'An answer');
    await page.locator('.side .row').first().getByText('An answer').waitFor();
    await isOn(numbers[1]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: shown(numbers[1] ?? '') }).waitFor();
    await bubble(page, 'Hello').waitFor();
    await page.locator('.side .row[tabindex="0"]').filter({ hasText: shown(numbers[1] ?? '') }).waitFor();
    await page.context().close();
  });
}

/** @param {Page} page @param {string} label */
const hasFocus = (page, label) => page.getByLabel(label, { exact: true }).first().evaluate((element) => element === document.activeElement);
