import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { compose, fact, many, newTitle } from './campaigns.js';
import { axeSource, until } from './harness.js';
import { PASSWORD, UNREACHABLE, ask, bubble, editor, newName, newNumber, open, shown, signUp, status, tokenOf, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

const OTHER = '+14155552670';
const SHORT = '72345';
/** It is refused where carriers take no names. */
const NAME = 'Linden';
/** What waits for one of these waits for a minute and more. */
const SLOW = '+14155552671';
const LEAVING = '+14155552672';
const GOING = '+14155552673';
/** Hardly anything that waits for it leaves while it is tested. */
const SLOWEST = '+14155552674';

/** Lets texts leave from several senders. @param {World} world */
export async function addSenders(world) {
  const rates = [[OTHER, '100'], [SHORT, '100'], [NAME, '100'], [SLOW, '0.1'], [LEAVING, '0.01'], [GOING, '100'], [SLOWEST, '0.01']];
  for (const [address = '', rate = ''] of rates) {
    await world.simulator(`senders/${encodeURIComponent(address)}`, {}, 'PUT');
    await world.admin('senders', 'add', address, '--rate', rate);
  }
  const body = JSON.stringify({ username: newName(), password: PASSWORD });
  const { token } = /** @type {any} */ (await (await fetch(`${world.url}/signup`, { method: 'POST', body })).json());
  const known = async () => (await fetch(`${world.url}/senders`, { headers: { Authorization: `Bearer ${token}` } })).json();
  await until('the senders are known', async () => /** @type {any[]} */ (await known()).length === rates.length + 1);
}

/** @param {() => World} world */
export function senders(world) {
  test('a text leaves from what was chosen, and shows it everywhere', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await open(world(), page, number);
    const offered = await from(page).locator('option').allTextContents();
    assert.equal(offered[0], 'Automatic');
    for (const name of [SHORT, NAME, shown(OTHER)]) assert.ok(offered.includes(name), name);
    await from(page).selectOption(OTHER);
    await write(page, 'From the other');
    await status(page, 'From the other', 'Delivered').waitFor();
    const route = `from ${shown(OTHER)}`;
    assert.match(await meta(page, 'From the other'), new RegExp(`^\\d\\d:\\d\\d · ${route.replace('+', '\\+')} · Delivered$`));
    await page.locator('.side .row').getByText(route).waitFor();
    assert.equal(await from(page).inputValue(), '');

    // What was used last is used again.
    await editor(page).fill('And again');
    await until('the choice is told', async () => (await chosen(page)) === `Automatic: ${shown(OTHER)}`);
    await page.keyboard.press('Enter');
    await status(page, 'And again', 'Delivered').waitFor();
    assert.deepEqual((await world().at(number)).map((text) => text.from), [OTHER, OTHER]);

    await world().simulator('inbound', { from: number, to: OTHER, body: 'Thanks' });
    await bubble(page, 'Thanks').getByText(`to ${shown(OTHER)}`).waitFor();
    await bubble(page, 'And again').getByRole('button').click();
    await page.getByRole('dialog').locator('.facts').getByText(shown(OTHER)).waitFor();
    await page.goto(`${world().url}/#/search?q=again`);
    await page.locator('.results .row-status').getByText(`${route} · Delivered`).waitFor();
    await page.context().close();
  });

  test('a sender that is paused says so where it is chosen', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const paused = { by: 'provider', since: new Date().toISOString(), until: new Date(Date.now() + 3_600_000).toISOString() };
    await page.route('**/senders', async (route) => {
      const answer = await route.fetch();
      const known = /** @type {any[]} */ (await answer.json());
      await route.fulfill({ json: known.map((sender) => (sender.address === SHORT ? { ...sender, paused } : sender)) });
    });
    await open(world(), page, newNumber());
    await page.reload();
    await from(page).locator('option').nth(1).waitFor({ state: 'attached' });
    const offered = await from(page).locator('option').allTextContents();
    assert.ok(offered.includes(`${SHORT} (paused)`) && offered.includes(NAME), offered.join(', '));
    await page.context().close();
  });

  test('a sender that is refused is refused at its field, and nothing is sent', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await open(world(), page, number);
    await from(page).selectOption(NAME);
    await editor(page).fill('Our name says who we are');
    const fault = page.locator('.choices .fault').getByText(/^From /);
    await fault.waitFor();
    assert.equal(await from(page).getAttribute('aria-invalid'), 'true');
    await page.keyboard.press('Enter');
    assert.equal(await editor(page).inputValue(), 'Our name says who we are');

    // Sent before the answer to that was there.
    await page.route('**/messages/preview', (route) => route.abort());
    await page.reload();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'Our name says who we are', /^Not sent: /).waitFor();
    assert.equal(await from(page).inputValue(), '');
    await page.getByRole('button', { name: 'Edit' }).click();
    await fault.waitFor();
    assert.equal(await from(page).inputValue(), NAME);
    await page.unroute('**/messages/preview');
    await from(page).selectOption('Automatic');
    assert.equal(await fault.isVisible(), false);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'Our name says who we are', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });

  test('a campaign from a slow sender hands over a few at a time, and a pause stops the rest', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const title = newTitle();
    await compose(world(), page, title, many(120));
    await from(page).selectOption(SLOWEST);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Send 120 messages' }).click();
    await page.getByText('50 of 120 rows').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Nothing more is handed over.').waitFor();
    await page.getByRole('button', { name: /^Cancel (49|50) waiting messages/ }).click();
    await page.getByText(/^(49|50) messages were cancelled/).waitFor();
    await fact(page, 'Accepted', '50');
    await page.context().close();
  });

  test('when a campaign ends is counted from when what waits before it has left', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    /** @type {string | null} */
    let expected = '2030-01-01T12:00:00.000Z';
    const told = { dry_run: true, acceptable: 3, refused: 0, segments: 3, senders: [SLOW], starts_at: null, expected_by: null, refusals: [] };
    await page.route('**/messages/batch/preview', (route) => route.fulfill({ json: { ...told, expected_at: expected } }));
    await compose(world(), page, newTitle(), many(3));
    await from(page).selectOption(SLOW);
    const check = () => page.getByRole('button', { name: 'Check' }).click();
    await check();
    await page.getByText(/About .*2030.*Quiet hours in between and daily limits are not counted/).waitFor();
    // While nobody knows when anything leaves, nobody knows that either.
    expected = null;
    await check();
    await page.getByText('Not known at the moment').waitFor();
    await page.context().close();
  });

  test('a text that waits says for how long, before it is sent and afterwards, and that is kept up to date', async () => {
    const page = await world().tab();
    await page.clock.install();
    await signUp(world(), page);
    await open(world(), page, newNumber());
    // Six segments each, so that each takes a minute.
    const [first = '', ...others] = ['One', 'Two', 'Three', 'Four', 'Five'].map((name) => `${name} ${'x'.repeat(900)}`);
    const last = others.pop() ?? '';
    for (const text of [first, ...others, last]) await sendFrom(page, SLOW, text);
    await status(page, first, 'Delivered').waitFor();
    // Nothing tells the page of the others.
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await until('the last one waits', async () => (await minutesOf(page, last)) > 2);
    const before = await latest(page, last);
    const known = await expectedBy(world(), page, last);

    await from(page).selectOption(SLOW);
    await editor(page).fill('And one more');
    await page.locator('.when').getByText(/^It goes out in about \d+ minutes, at the latest by /).waitFor();
    await from(page).selectOption(OTHER);
    await until('the other is free', async () => (await page.locator('.when').innerText()) === '');

    await bubble(page, last).getByRole('button').click();
    await page.getByRole('dialog').getByText(/^It goes out in about \d+ minutes/).waitFor();
    await page.keyboard.press('Escape');
    for (const text of others) {
      await bubble(page, text).getByRole('button').click();
      await page.getByRole('button', { name: 'Cancel sending' }).click();
      await page.getByRole('button', { name: 'Cancel it' }).click();
      await status(page, text, 'Cancelled').waitFor();
    }
    await until('the server knows it', async () => (await expectedBy(world(), page, last)) < known - 60_000);
    await page.clock.fastForward(31_000);
    await until('less is before it', async () => {
      const earlier = before - (await latest(page, last));
      // Midnight may lie between.
      return earlier > 0 || earlier < -720;
    });
    await page.context().close();
  });

  test('a text that was moved to another sender says so', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await open(world(), page, number);
    await sendFrom(page, LEAVING, 'First');
    await status(page, 'First', 'Delivered').waitFor();
    await sendFrom(page, LEAVING, 'Second');
    await status(page, 'Second', /^(Waiting|Goes out in)/).waitFor();
    await world().admin('senders', 'drain', LEAVING);
    await status(page, 'Second', 'Delivered').waitFor();
    const to = (await world().at(number)).at(-1).from;
    assert.notEqual(to, LEAVING);
    await bubble(page, 'Second').getByRole('button').click();
    await page.locator('.steps').getByText(/^Moved to another sender – /).waitFor();
    assert.ok(!(await meta(page, 'Second')).includes(shown(LEAVING)));
    await until('what is drained is offered no more', async () => {
      await page.reload();
      await from(page).locator('option').nth(1).waitFor({ state: 'attached' });
      return !(await from(page).locator('option').allTextContents()).includes(shown(LEAVING));
    });
    await page.context().close();
  });

  test('a text whose sender is drained is edited and sent again from another one, which is said before', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const [later, failing] = [newNumber(), newNumber()];
    await world().simulator('faults', { fault: UNREACHABLE, to: failing, times: 1 });
    const send_at = new Date(Date.now() + 7_200_000).toISOString();
    await ask(world(), page, 'messages', { recipient: later, content: 'As it was', from: GOING, send_at });
    await ask(world(), page, 'messages', { recipient: failing, content: 'Again', from: GOING });
    await open(world(), page, failing);
    await status(page, 'Again', 'Not delivered').waitFor();
    await page.goto(`${world().url}/#/scheduled`);
    const row = (/** @type {string} */ text) => page.getByRole('list', { name: 'Scheduled messages' }).getByRole('listitem').filter({ hasText: text });
    // What waits is moved to another sender then, of which an open dialog knows nothing.
    await row('As it was').getByRole('button', { name: /^Edit/ }).click();
    await world().admin('senders', 'drain', GOING);
    const body = { recipient: later, content: 'x', from: GOING };
    await until('it is known', async () => !(await ask(world(), page, 'messages/preview', body)).acceptable);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Message', { exact: true }).fill('As it is');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(`It cannot leave from ${shown(GOING)} any more.`).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row('As it is').getByRole('button', { name: /^Edit/ }).waitFor();
    await open(world(), page, failing);
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('dialog').getByText(`It cannot leave from ${shown(GOING)} any more, so it leaves from another sender.`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
    await status(page, 'Again', /^Delivered$/).waitFor();
    const all = await world().at(failing);
    assert.deepEqual(all.map(({ from: sender }) => sender === GOING), [true, false]);
    await page.context().close();
  });

  test('axe finds nothing where there is a choice of senders, and it fits on a phone', async () => {
    const page = await world().tab({ viewport: { width: 360, height: 740 } });
    const look = looker(page, await axeSource());
    await signUp(world(), page);
    await page.goto(`${world().url}/#/new`);
    await page.getByLabel('To', { exact: true }).fill(newNumber());
    await from(page).selectOption(NAME);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByLabel('Type').selectOption('Bulk');
    await editor(page).fill('To all');
    await page.locator('.choices .fault').getByText(/^From /).waitFor();
    await look('a sender that is refused');
    await page.setViewportSize({ width: 360, height: 740 });
    await from(page).selectOption(SHORT);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'To all', 'Delivered').waitFor();
    await look('a text that shows its sender');
    await page.context().close();
  });
}

/** @param {Page} page */
const from = (page) => page.getByLabel('From', { exact: true });

/** What the field shows. @param {Page} page @returns {Promise<string>} */
const chosen = (page) => from(page).evaluate((select) => /** @type {HTMLSelectElement} */ (select).selectedOptions[0]?.text ?? '');

/** @param {Page} page @param {string} sender @param {string} text */
async function sendFrom(page, sender, text) {
  await from(page).selectOption(sender);
  await write(page, text);
  await bubble(page, text).waitFor();
}

/** What stands below a message. @param {Page} page @param {string} text */
const meta = (page, text) => bubble(page, text).locator('.meta').innerText();

/** In how many minutes a text leaves, as far as it says so. @param {Page} page @param {string} text */
async function minutesOf(page, text) {
  const said = await bubble(page, text).locator('.status').innerText();
  const [, minutes] = /^Goes out in about (a|\d+) minute/.exec(said) ?? [];
  return minutes === 'a' ? 1 : Number(minutes ?? 0);
}

/** By when the page says that a text leaves at the latest, in minutes of the day. @param {Page} page @param {string} text */
async function latest(page, text) {
  const said = await bubble(page, text).locator('.status').innerText();
  const [, hours, minutes] = /at the latest by (?:tomorrow at )?(\d\d):(\d\d)$/.exec(said) ?? [];
  assert.ok(hours && minutes, said);
  return Number(hours) * 60 + Number(minutes);
}

/** By when the server says so, in milliseconds since 1970. @param {World} world @param {Page} page @param {string} text */
async function expectedBy(world, page, text) {
  const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
  const ask = async (/** @type {string} */ path) => /** @type {any} */ (await (await fetch(`${world.url}/${path}`, { headers })).json());
  const { username_hash: user } = await ask('me');
  const { id } = (await ask('messages?order=desc&limit=50')).find((/** @type {any} */ { content }) => content === text);
  return Date.parse((await ask(`messages/${user}/${id}`)).expected_by);
}
