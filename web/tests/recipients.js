import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { another, editor, newNumber, open, shown, signUp, status, talk, write } from './people.js';

/** @import { Locator, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function recipients(world) {
  test('a text goes to several in one request, and what became of each is shown', async () => {
    const page = await world().tab();
    const batches = batchesOf(page);
    await signUp(world(), page);
    const numbers = [newNumber(), newNumber(), newNumber()];
    const [one = '', two = '', three = ''] = numbers;
    await world().simulator('faults', { fault: { kind: 'outcome', status: 'undelivered', code: 30003 }, to: three });
    await page.goto(`${world().url}/#/new`);
    await paste(to(page), `${one}\n${two.replace('+1', '+1 (').replace('415', '415) ')};0151 123\n${one}\n\n`);
    await chip(page, shown(two)).waitFor();
    assert.equal(await chips(page).count(), 3);
    await chips(page).getByText('The country code is missing').waitFor();
    await page.getByText('1 duplicate was left out').first().waitFor();
    await write(page, 'To all of you');
    await page.getByText('Some of these numbers are wrong').waitFor();
    assert.equal(batches.length, 0);
    // What is wrong can be changed.
    await page.getByRole('button', { name: /^Change 0151 123/ }).click();
    assert.equal(await to(page).inputValue(), '0151 123');
    await to(page).fill(three);
    await page.getByText('To 3 recipients: 3 segments in all.').waitFor();
    await editor(page).fill('x'.repeat(200));
    await page.getByText('To 3 recipients: 6 segments in all.').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('heading', { name: 'Sent together' }).waitFor();
    await page.getByText('3 recipients · 2 delivered · 1 not delivered').waitFor();
    await outcome(page, three).getByText('Not delivered').waitFor();
    assert.equal(batches.length, 1);
    for (const number of numbers) assert.equal((await world().at(number)).length, 1);
    await page.reload();
    await outcome(page, two).getByText('Delivered').waitFor();
    await outcome(page, one).getByRole('link').click();
    await status(page, 'x'.repeat(200), 'Delivered').waitFor();
    await page.goto(`${world().url}/#/new`);
    assert.equal(await chips(page).count(), 0);
    await page.context().close();
  });

  test('one recipient is one, however it was written, and the keyboard suffices for several', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const numbers = [newNumber(), newNumber(), newNumber()];
    const [one = '', two = '', three = ''] = numbers;
    await page.goto(`${world().url}/#/new`);
    await to(page).pressSequentially(`${one},${two}, ${three}`);
    await page.keyboard.press('Enter');
    assert.deepEqual(await chips(page).allTextContents(), numbers.map(shown));
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await page.keyboard.press('Backspace');
    assert.equal(await focused(), `Remove ${shown(three)}`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Home');
    assert.equal(await focused(), `Remove ${shown(one)}`);
    await page.keyboard.press('Delete');
    assert.equal(await focused(), `Remove ${shown(two)}`);
    await page.locator('#polite').getByText(`${shown(one)} was removed.`).waitFor({ state: 'attached' });
    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('ArrowRight');
    assert.equal(await to(page).evaluate((input) => input === document.activeElement), true);
    // What is left is there after a reload, too.
    await page.reload();
    await chip(page, shown(two)).waitFor();
    await write(page, 'Only you');
    await status(page, 'Only you', 'Delivered').waitFor();
    assert.match(page.url(), new RegExp(`${two.replace('+', '\\+')}$`));
    for (const [number, count] of /** @type {[string, number][]} */ ([[one, 0], [two, 1], [three, 0]])) assert.equal((await world().at(number)).length, count);
    await page.context().close();
  });

  test('who wants no texts is marked before anything is sent', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'STOP');
    await page.getByText('They opted out').waitFor();
    await page.goto(`${world().url}/#/new`);
    const other = newNumber();
    await paste(to(page), `${number}, ${other}`);
    await page.locator('.chip.failed').getByText(shown(number)).waitFor();
    const look = looker(page, await axeSource());
    await look('recipients, one of whom is wrong');
    await page.getByRole('button', { name: `Remove ${shown(number)}` }).click();
    await write(page, 'To who wants it');
    await status(page, 'To who wants it', 'Delivered').waitFor();
    await page.context().close();
  });

  test('a text to several outlives its tab and lost answers, and nobody gets it twice', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const context = page.context();
    const numbers = Array.from({ length: 5 }, newNumber);
    // The server takes it, but nobody hears that.
    let taken = 0;
    await context.route('**/messages/batch', async (route) => {
      await route.fetch();
      taken += 1;
      await route.abort();
    });
    await page.goto(`${world().url}/#/new`);
    await paste(to(page), numbers.join('\n'));
    await write(page, 'Once');
    await until('it was taken', () => taken > 0);
    await page.getByText('Waiting for the connection.').first().waitFor();
    const place = page.url();
    await page.close();
    await context.unroute('**/messages/batch');
    const later = await another(world(), context);
    await later.goto(place);
    await later.getByText('5 recipients · 5 delivered').waitFor();
    for (const number of numbers) assert.equal((await world().at(number)).length, 1);
    await open(world(), later, numbers[0] ?? '');
    await status(later, 'Once', 'Delivered').waitFor();
    await context.close();
  });

  test('of several the one that is refused can be sent again alone', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const numbers = [newNumber(), newNumber()];
    await page.goto(`${world().url}/#/new`);
    await page.route('**/messages/batch', async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      const problem = { type: 'urn:mysms:problem:segments-spent', status: 429, detail: 'No segments are left today.' };
      body.results[1] = { status: 429, replayed: false, problem, retry_after: 3600 };
      await route.fulfill({ response: answer, json: body });
    });
    await paste(to(page), numbers.join(','));
    await write(page, 'Hello both');
    await page.getByText('Not sent: No segments are left today.').waitFor();
    await outcome(page, numbers[0] ?? '').getByText('Delivered').waitFor();
    await page.unroute('**/messages/batch');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 recipients · 2 delivered').waitFor();
    for (const number of numbers) assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });
}

/** Where recipients are typed. @param {Page} page */
export const to = (page) => page.getByLabel('To', { exact: true });

/** @param {Page} page */
const chips = (page) => page.getByRole('list', { name: 'Recipients' }).getByRole('listitem');

/** @param {Page} page @param {string} name */
const chip = (page, name) => chips(page).filter({ hasText: name });

/** @param {Page} page @param {string} number */
const outcome = (page, number) => page.locator('.entry').filter({ hasText: shown(number) });

/** @param {Locator} input @param {string} text */
export async function paste(input, text) {
  await input.focus();
  await input.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** The batches that a page asks for. @param {Page} page */
export function batchesOf(page) {
  /** @type {any[]} */
  const batches = [];
  page.on('request', (request) => request.url().endsWith('/messages/batch') && batches.push(request.postDataJSON()));
  return batches;
}
