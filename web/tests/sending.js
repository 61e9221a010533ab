import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { MARKUP, SCRIPT, UNREACHABLE, bubble, editor, newNumber, open, schedule, shown, signUp, status, talk, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function sending(world) {
  test('a text to somebody new is delivered, and its thread is there', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await page.getByRole('link', { name: 'New message' }).first().click();
    await page.getByLabel('To', { exact: true }).fill('12');
    await write(page, 'Hello');
    await page.getByText('This is no phone number').waitFor();
    await page.getByLabel('To', { exact: true }).fill(number.replace('+1', '+1 (').replace('415', '415) '));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'Hello', 'Delivered').waitFor();
    await page.getByRole('link', { name: shown(number) }).waitFor();
    assert.deepEqual((await world().at(number)).map((text) => text.body), ['Hello']);
    await page.context().close();
  });

  test('a double click sends once', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await editor(page).fill('Only once');
    await page.getByRole('button', { name: 'Send', exact: true }).dblclick();
    await status(page, 'Only once', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    assert.equal(await bubble(page, 'Only once').count(), 1);
    await page.context().close();
  });

  test('the counter tells what makes a text dear, and offers plain characters', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await editor(page).fill('x'.repeat(161));
    await page.getByText('2 segments · 145 left').waitFor();
    await editor(page).fill('It’s late – sorry');
    await page.getByText('1 segment · 53 left').waitFor();
    assert.deepEqual(await page.locator('.why kbd').allTextContents(), ['’', '–']);
    await page.getByRole('button', { name: 'Replace them by plain ones', exact: true }).click();
    await page.getByText('1 segment · 143 left').waitFor();
    await page.keyboard.press('Enter');
    await status(page, "It's late - sorry", 'Delivered').waitFor();
    assert.equal((await world().at(number)).at(-1).body, "It's late - sorry");
    await page.context().close();
  });

  test('a scheduled text can be taken back, after a question', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'For later');
    await bubble(page, 'For later').getByRole('button').click();
    await page.getByRole('button', { name: 'Cancel sending' }).click();
    await page.getByRole('button', { name: 'Send it', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel sending' }).click();
    await page.getByRole('button', { name: 'Do not send it' }).click();
    await status(page, 'For later', 'Cancelled').waitFor();
    assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });

  test('why a text failed stands beside it', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: number });
    await open(world(), page, number);
    await write(page, 'Hello?');
    await status(page, 'Hello?', 'Not delivered: ').waitFor();
    await page.locator('.row-text.failed').waitFor();
    await bubble(page, 'Hello?').getByRole('button').click();
    await page.getByText('The carrier could not deliver it.').waitFor();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await page.context().close();
  });

  test('what was sent can be found and saved', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('hELL');
    await page.keyboard.press('Enter');
    await page.locator('.results').getByText('Hello').waitFor();
    await page.getByRole('searchbox').fill(shown(number));
    await page.keyboard.press('Enter');
    await page.locator('.results').getByText('Hello').waitFor();
    await page.getByText('Save what is found').click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Table (CSV)' }).click()]);
    const table = await readFile(await file.path(), 'utf8');
    assert.match(file.suggestedFilename(), /^mysms-.*\.csv$/);
    assert.ok(table.includes('Hello') && table.includes(number), table);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found').first().waitFor();
    await page.context().close();
  });

  test('a script in a message stays text', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await write(page, SCRIPT);
    await status(page, SCRIPT, 'Delivered').waitFor();
    assert.equal(await page.locator(MARKUP).count(), 0);
    await page.context().close();
  });

  test('the browser itself refuses to make text into markup', async () => {
    const context = await world().browser.newContext();
    const page = await context.newPage();
    await page.goto(world().url);
    const refusal = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>markup</b>';
        return 'none';
      } catch (error) {
        return String(error);
      }
    });
    assert.match(refusal, /TrustedHTML/);
    await context.close();
  });
}
