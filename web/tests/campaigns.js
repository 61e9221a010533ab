import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { another, logIn, newNumber, signUp, talk } from './people.js';
import { batchesOf } from './recipients.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

let campaigns = 0;
export const newTitle = () => `Sale ${process.pid} ${(campaigns += 1)}`;

/** @param {() => World} world */
export function sendingToMany(world) {
  test('a table becomes texts, and what cannot be sent is listed and never sent', async () => {
    const page = await world().tab();
    const { number: stopped } = await talk(world(), page);
    await world().reply(stopped, 'STOP');
    await page.getByText('They opted out').waitFor();
    const [one, two, three] = [newNumber(), newNumber(), newNumber()];
    const table = [
      'Name;Mobile;Code',
      `Jürgen;${one};€1`,
      `"Smith; Ann";${two.replace('+1', '+1 (').replace('415', '415) ')};"B\n2"`,
      `Nobody;0151 1234567;C3`,
      `Double;${one};D4`,
      `Empty;${three};`,
      `Stopped;${stopped};E5`,
    ].join('\r\n');
    const title = newTitle();
    await choose(world(), page, Buffer.from(table.replace('€', '\x80'), 'latin1'));
    await page.getByText('people.csv · Windows-1252').waitFor();
    assert.equal(await page.getByLabel('Between the columns').inputValue(), ';');
    assert.equal(await page.getByLabel('Column with the numbers').inputValue(), '1');
    const text = page.getByLabel('Message to everybody', { exact: true });
    await text.fill('Hello ');
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.keyboard.type(', your code is {{Cod}}');
    await page.getByText('The table has no column Cod.').waitFor();
    await text.fill('Hello {{Name}}, your code is {{ Code }}');
    await page.getByText('Hello Jürgen, your code is €1').waitFor();
    await page.getByLabel('Name of the campaign').fill(title);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('3 rows will not be sent').first().waitFor();
    for (const why of ['Row 4', 'The country code is missing', 'The same number as in row 2.', 'Nothing in Code.', 'Row 7']) await page.getByText(why).first().waitFor();
    await page.getByText('3 rows, without sending: 1 cannot be sent').waitFor();
    const look = looker(page, await axeSource());
    await look('a campaign that was checked');
    await page.getByRole('button', { name: 'Send 3 messages' }).click();
    await page.getByRole('heading', { name: title }).waitFor();
    await fact(page, 'Delivered', '2');
    await fact(page, 'Refused', '4');
    await page.getByRole('list', { name: 'Rows that were refused' }).getByText(/opted out|STOP/).first().waitFor();
    assert.deepEqual((await world().at(one)).map(({ body }) => body), ['Hello Jürgen, your code is €1']);
    assert.deepEqual((await world().at(two)).map(({ body }) => body), ['Hello Smith; Ann, your code is B\n2']);
    assert.equal((await world().at(three)).length, 0);
    await look('the report of a campaign');
    const lines = await outcome(page);
    assert.equal(lines.length, 7);
    assert.match(lines.join('\n'), /\r?\n?5,\+1415\d+,Refused,The same number as in row 2\./);
    await page.context().close();
  });

  test('a campaign is found by its name from another browser', async () => {
    const page = await world().tab();
    const name = await signUp(world(), page);
    const [one, title] = [newNumber(), newTitle()];
    await send(world(), page, title, [one]);
    await fact(page, 'Delivered', '1');
    const other = await world().tab();
    await logIn(world(), other, name);
    await other.goto(`${world().url}/#/campaigns`);
    await other.getByText('No campaigns yet').waitFor();
    const look = looker(other, await axeSource());
    await look('no campaigns');
    await other.getByLabel('Name of the campaign').fill(title);
    await other.getByRole('button', { name: 'Open' }).click();
    await fact(other, 'Delivered', '1');
    await other.getByText('It was not sent from this browser').waitFor();
    assert.equal((await outcome(other)).length, 2);
    // The name is taken, wherever it was.
    await compose(world(), other, title, [newNumber()]);
    await other.getByRole('button', { name: 'Check' }).click();
    await other.getByText('Choose another name').waitFor();
    for (const one of [page, other]) await one.context().close();
  });

  test('a campaign goes on after lost answers, a closed tab and a reload, and nobody gets it twice', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const context = page.context();
    const numbers = many(1200);
    const title = newTitle();
    let taken = 0;
    await context.route('**/messages/batch', async (route) => {
      await route.fetch();
      taken += 1;
      await route.abort();
    });
    await send(world(), page, title, numbers, 1200);
    await until('a part was taken', () => taken > 0);
    await page.getByText('Waiting for the connection.').waitFor();
    await page.close();
    await context.unroute('**/messages/batch');
    const later = await another(world(), context);
    await later.goto(`${world().url}/#/campaigns`);
    await later.getByRole('link', { name: title }).click();
    await later.getByText('All handed over', { exact: true }).waitFor({ timeout: 90_000 });
    await fact(later, 'Accepted', '1200');
    const lines = await outcome(later);
    assert.equal(lines.length, 1201);
    assert.equal(new Set(lines.map((line) => line.split(',')[1])).size, 1201);
    await context.close();
  });

  test('of two tabs that begin a campaign with the same name one does, and the other says why it does not', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const tabs = [page, await another(world(), page)];
    const title = newTitle();
    const numbers = [newNumber(), newNumber()];
    for (const [place, tab] of tabs.entries()) {
      await compose(world(), tab, title, numbers.slice(place, place + 1));
      await tab.getByRole('button', { name: 'Check' }).click();
      await tab.getByRole('button', { name: 'Send 1 message' }).waitFor();
    }
    await Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Send 1 message' }).click()));
    const told = await Promise.all(
      tabs.map((tab) => Promise.race([
        tab.getByRole('heading', { name: title }).waitFor().then(() => 'begun'),
        tab.getByText('There is a campaign with this name. Choose another name.').waitFor().then(() => 'refused'),
      ])),
    );
    assert.deepEqual([...told].sort(), ['begun', 'refused']);
    const begun = tabs[told.indexOf('begun')];
    const other = tabs[told.indexOf('refused')];
    assert.ok(begun && other);
    await fact(begun, 'Delivered', '1');
    const arrived = await Promise.all(numbers.map((number) => world().at(number)));
    assert.equal(arrived.flat().length, 1);
    // With another name it goes on there.
    await other.getByLabel('Name of the campaign').fill(`${title} b`);
    await other.getByRole('button', { name: 'Check' }).click();
    await other.getByRole('button', { name: 'Send 1 message' }).click();
    await fact(other, 'Delivered', '1');
    await page.context().close();
  });

  test('what hands a campaign over is fetched when there is one, and waited for', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const file = '**/model/campaign-run.js';
    let asked = 0;
    await page.route(file, (route) => {
      asked += 1;
      return route.abort();
    });
    await page.goto(`${world().url}/#/campaigns`);
    await page.getByText('No campaigns yet').waitFor();
    assert.equal(asked, 0);
    const title = newTitle();
    await send(world(), page, title, [newNumber()]);
    await page.getByText('A part of this page could not be loaded.').waitFor();
    await page.unroute(file);
    // The network is back.
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await fact(page, 'Delivered', '1');
    assert.equal(await page.getByText('A part of this page could not be loaded.').count(), 0);
    await page.context().close();
  });

  test('a limit is waited for, a campaign is paused, goes on, and is cancelled with what waits', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const batches = batchesOf(page);
    const title = newTitle();
    let isBusy = true;
    await page.route('**/messages/batch', async (route) => {
      if (!isBusy) return route.continue();
      await route.fulfill(tooMany('3600'));
    });
    await compose(world(), page, title, many(1500));
    await page.getByRole('button', { name: 'Send later' }).click();
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Schedule 1,500 messages' }).click();
    await page.getByText('Too many batches. It continues').waitFor();
    assert.equal(batches.length, 1);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    // Of two parts only the first one is handed over.
    isBusy = false;
    await page.route('**/messages/batch', async (route) => {
      if (batches.length > 2) return;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('1,000 of 1,500 rows').waitFor({ timeout: 90_000 });
    await page.getByRole('button', { name: 'Cancel campaign' }).click();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('Cancelled', { exact: true }).first().waitFor();
    await fact(page, 'Accepted', '1000');
    assert.deepEqual(batches.map(({ messages }) => messages.length), [1000, 1000, 500]);
    assert.deepEqual(batches[0], batches[1]);
    assert.ok(batches[0].messages.every((/** @type {any} */ { class: kind }) => kind === 'bulk'));
    await page.getByRole('button', { name: 'Cancel 1,000 waiting messages' }).click();
    await page.getByText('1,000 messages were cancelled.').waitFor({ timeout: 60_000 });
    await fact(page, 'Cancelled', '1000');
    const lines = await outcome(page);
    assert.equal(lines.filter((line) => /^\d+,\+\d+,Refused/.test(line)).length, 500);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.context().close();
  });

  test('with a mouse and what is typed into fields alone, a thousand rows get to their report', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const title = newTitle();
    const rows = many(1000).map((number, place) => `${number},Person ${place}`);
    await page.getByRole('link', { name: 'New message' }).first().click();
    await page.getByRole('link', { name: 'Send to everybody in a table' }).click();
    await page.getByRole('link', { name: 'New campaign' }).click();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a file' }).click()]);
    await chooser.setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(`number,name\n${rows.join('\n')}`) });
    await page.getByLabel('Message to everybody', { exact: true }).fill('Hello ');
    await page.getByRole('button', { name: 'name', exact: true }).click();
    await page.getByText('Hello Person 0').waitFor();
    await page.getByLabel('Name of the campaign').fill(title);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Send 1,000 messages' }).click();
    await page.getByText('All handed over', { exact: true }).waitFor({ timeout: 90_000 });
    await fact(page, 'Accepted', '1000');
    await page.getByRole('link', { name: 'Campaigns' }).click();
    await page.getByRole('link', { name: title }).click();
    await fact(page, 'Accepted', '1000');
    assert.equal((await outcome(page)).length, 1001);
    await page.context().close();
  });
}

/** The answer of a server that has no place for a batch. @param {string} wait seconds */
export function tooMany(wait) {
  const problem = { type: 'urn:mysms:problem:too-many-batches', status: 503, detail: 'Too many batches.' };
  return { status: 503, headers: { 'Retry-After': wait, 'Content-Type': 'application/problem+json' }, body: JSON.stringify(problem) };
}

/** @param {number} count @returns {string[]} numbers that nobody has */
export function many(count) {
  campaigns += 1;
  return Array.from({ length: count }, (_, place) => `+1646${String(((process.pid % 1000) * 10_000 + campaigns * 2000 + place) % 10_000_000).padStart(7, '0')}`).map((number) => number.replace(/^\+1646[01]/, '+16465'));
}

/** Chooses a table for a new campaign. @param {World} world @param {Page} page @param {Buffer} buffer */
export async function choose(world, page, buffer) {
  await page.goto(`${world.url}/#/campaigns/new`);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a file' }).click()]);
  await chooser.setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
}

/** @param {World} world @param {Page} page @param {string} title @param {string[]} numbers */
export async function compose(world, page, title, numbers) {
  await choose(world, page, Buffer.from(`number,name\n${numbers.map((number, place) => `${number},Person ${place}`).join('\n')}`));
  await page.getByLabel('Message to everybody', { exact: true }).fill('Hello {{name}}');
  await page.getByLabel('Name of the campaign').fill(title);
}

/** @param {World} world @param {Page} page @param {string} title @param {string[]} numbers */
export async function send(world, page, title, numbers, count = numbers.length) {
  await compose(world, page, title, numbers);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: `Send ${count.toLocaleString('en')} message` }).click();
  await page.getByRole('heading', { name: title }).waitFor();
}

/** @param {Page} page @param {string} name @param {string} value */
export async function fact(page, name, value) {
  await until(`${name} is ${value}`, () =>
    page.evaluate(([term, wanted]) => [...document.querySelectorAll('dt')].some((one) => one.textContent === term && one.nextElementSibling?.textContent === wanted), [name, value]));
}

/** The lines of the table that a report is saved as. @param {Page} page @returns {Promise<string[]>} */
export async function outcome(page) {
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the report (CSV)' }).click()]);
  return (await readFile(await saved.path(), 'utf8')).replace(/^\ufeff/, '').split('\r\n').filter(Boolean);
}
