import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { bubble, editor, newNumber, open, schedule, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

const WEEK = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** @param {() => World} world */
export function quiet(world) {
  test('quiet hours are set, and what is wrong with them stands at its field', async () => {
    const page = await world().tab({ timezoneId: 'Europe/Berlin' });
    await signUp(world(), page);
    const save = page.getByRole('button', { name: 'Save quiet hours' });
    await account(world(), page);
    assert.equal(await save.isVisible(), false);
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    const night = hours(page).first();
    assert.equal(await night.getByLabel('From').inputValue(), '21:00');
    assert.equal(await page.getByLabel('Time zone').inputValue(), 'Europe/Berlin');
    await night.getByLabel('To').fill('');
    await save.click();
    await night.getByText('To must be a time of day').waitFor();
    assert.equal(await night.getByLabel('To').getAttribute('aria-invalid'), 'true');
    await night.getByLabel('To').fill('08:00');
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    const second = hours(page).last();
    for (const day of WEEK) await second.getByLabel(day).uncheck();
    await save.click();
    await second.getByText('Choose at least one day.').waitFor();
    await second.getByLabel('Sunday').check();
    await second.getByLabel('From').fill('00:00');
    await second.getByLabel('To').fill('00:00');
    await page.getByLabel('Time zone').fill('Nowhere');
    await save.click();
    await page.getByText(/^Time zone is no IANA/).waitFor();
    await until('the zone has the focus', () => page.getByLabel('Time zone').evaluate((input) => input === document.activeElement));
    await page.getByLabel('Time zone').fill('America/New_York');
    await save.click();
    await page.getByText('This applies to messages that you send from now on.').waitFor();

    await page.reload();
    // What is set stands there only once the server has told it.
    await until('both are shown', async () => (await hours(page).count()) === 2);
    assert.equal(await page.getByLabel('Time zone').inputValue(), 'America/New_York');
    assert.deepEqual(await days(page, 1), [false, false, false, false, false, false, true]);
    await hours(page).last().getByRole('button', { name: 'Remove' }).click();
    await hours(page).last().getByRole('button', { name: 'Remove' }).click();
    await save.click();
    await page.getByText('Messages go out at any hour.').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Add quiet hours' }).waitFor();
    assert.equal(await hours(page).count(), 0);
    await page.context().close();
  });

  test('the list of time zones is searched by what is typed', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    await account(world(), page);
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    const zone = page.getByLabel('Time zone');
    const list = page.locator(`datalist#${await zone.getAttribute('list')} option`);
    assert.equal(await list.count(), 0);
    await zone.focus();
    const zones = await list.evaluateAll((options) => options.map((option) => option.getAttribute('value')));
    for (const name of ['UTC', 'Europe/Berlin', 'Asia/Tokyo']) assert.ok(zones.includes(name), name);
    assert.equal(new Set(zones).size, zones.length);
    await page.context().close();
  });

  test('a text in quiet hours says until when it waits, and a login code does not', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await account(world(), page);
    await quietNow(page);
    await open(world(), page, number);
    await editor(page).fill('Good night');
    await expected(page).getByText(/^It waits until .*: quiet hours\.$/).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByLabel('Type').selectOption('Login code');
    await until('it does not wait', async () => (await expected(page).innerText()) === '');
    await editor(page).fill('Your code is 4071');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'Your code is 4071', 'Delivered').waitFor();
    assert.equal(await page.getByLabel('Type').isVisible(), false);

    await write(page, 'Good night');
    await status(page, 'Good night', /^Waits until .*: quiet hours$/).waitFor();
    await page.reload();
    await status(page, 'Good night', /^Waits until .*: quiet hours$/).waitFor();
    await bubble(page, 'Good night').getByRole('button').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^It waits until .*: quiet hours\.$/).waitFor();
    await dialog.getByText('Transactional').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await schedule(page, 'In the middle of the night');
    await status(page, 'In the middle of the night', /^Scheduled for .*; waits until .*: quiet hours$/).waitFor();
    const bodies = (await world().at(number)).map((text) => text.body);
    assert.deepEqual(bodies.sort(), ['Hello', 'Your code is 4071']);
    await page.context().close();
  });

  test('axe finds nothing in what is set and chosen, and it fits on a phone', async () => {
    const page = await world().tab({ viewport: { width: 360, height: 740 } });
    const look = looker(page, await axeSource());
    await signUp(world(), page);
    await account(world(), page);
    await quietNow(page);
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    await hours(page).last().getByLabel('From').fill('');
    await page.getByRole('button', { name: 'Save quiet hours' }).click();
    await page.getByText('From must be').waitFor();
    await look('quiet hours with a fault');
    await open(world(), page, newNumber());
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Send later' }).click();
    await page.getByRole('button', { name: 'Use their time zone' }).click();
    await editor(page).fill('“Good night”');
    await expected(page).getByText(/^It waits until/).waitFor();
    await look('a text with all that can be chosen');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'Schedule' }).click();
    await status(page, '“Good night”', /^Scheduled for/).waitFor();
    await page.context().close();
  });
}

/** @param {World} world @param {Page} page */
async function account(world, page) {
  await page.goto(`${world.url}/#/account`);
  await page.getByRole('button', { name: 'Add quiet hours' }).waitFor();
}

/** What is told of when a text that is being written would leave. @param {Page} page */
const expected = (page) => page.locator('.when');

/** The quiet hours that are shown. @param {Page} page */
const hours = (page) => page.getByRole('list', { name: 'Quiet hours' }).getByRole('listitem');

/** Which days are ticked. @param {Page} page @param {number} place */
const days = (page, place) => Promise.all(WEEK.map((day) => hours(page).nth(place).getByLabel(day).isChecked()));

/** Makes it quiet from an hour ago to in five hours. @param {Page} page */
async function quietNow(page) {
  const clock = (/** @type {number} */ hours) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  await page.getByRole('button', { name: 'Add quiet hours' }).click();
  await hours(page).first().getByLabel('From').fill(clock(-1));
  await hours(page).first().getByLabel('To').fill(clock(5));
  await page.getByLabel('Time zone').fill('UTC');
  await page.getByRole('button', { name: 'Save quiet hours' }).click();
  await page.getByText('This applies to messages that you send from now on.').waitFor();
}
