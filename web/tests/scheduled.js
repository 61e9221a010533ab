import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { another, ask, bubble, open, schedule, shown, status, talk } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** As `Date` counts them, by the API's names. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** @param {() => World} world */
export function scheduling(world) {
  test('what is scheduled is listed by its time, changed and cancelled', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'The first');
    await schedule(page, 'The second');
    await page.goto(`${world().url}/#/scheduled`);
    await row(page, 'The first').waitFor();
    assert.equal(await rows(page).count(), 2);
    const look = looker(page, await axeSource());
    await look('what is scheduled');
    await row(page, 'The first').getByRole('button', { name: /^Edit/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Message', { exact: true }).fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('The message is empty.').waitFor();
    await dialog.getByLabel('Message', { exact: true }).fill('The last');
    const at = dialog.getByLabel('Send on');
    const next = new Date(Date.now() + 26 * 3_600_000);
    await at.fill(new Date(next.getTime() - next.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
    await look('a scheduled message that is changed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row(page, 'The last').getByRole('button', { name: /^Edit/ }).waitFor();
    await row(page, 'The first').waitFor({ state: 'detached' });
    // By their time.
    await until('the order is that of the times', async () => {
      const texts = await rows(page).allInnerTexts();
      return texts.length === 2 && /The second/.test(texts[0] ?? '') && /The last/.test(texts[1] ?? '');
    });
    await row(page, 'The second').getByRole('button', { name: /^Cancel sending/ }).click();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await row(page, 'The second').waitFor({ state: 'detached' });
    await open(world(), page, number);
    for (const text of ['The first', 'The second']) await status(page, text, 'Cancelled').waitFor();
    await status(page, 'The last', 'Scheduled for').waitFor();
    await page.context().close();
  });

  test('a change waits until the old text is certain not to be sent, also over a closed tab', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    await schedule(page, 'As it was');
    let [asked, sent] = [0, 0];
    // The server does it, and nobody hears that.
    await context.route('**/cancel', async (route) => {
      await route.fetch();
      asked += 1;
      await route.abort();
    });
    context.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/messages')) sent += 1;
    });
    await page.goto(`${world().url}/#/scheduled`);
    await edit(page, 'As it was', 'As it is');
    await until('it was asked', () => asked > 1);
    assert.equal(sent, 0);
    await page.close();
    await context.unroute('**/cancel');
    const later = await another(world(), context);
    await open(world(), later, number);
    await status(later, 'As it is', 'Scheduled for').waitFor();
    await status(later, 'As it was', 'Cancelled').waitFor();
    assert.equal(sent, 1);
    assert.equal(await bubble(later, 'As it is').count(), 1);
    await context.close();
  });

  test('what was changed or cancelled elsewhere is not sent once more by a dialog that was open', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    for (const text of ['To change', 'To cancel']) await schedule(page, text);
    const other = await another(world(), page.context());
    for (const tab of [page, other]) await tab.goto(`${world().url}/#/scheduled`);
    await row(other, 'To change').getByRole('button', { name: /^Edit/ }).click();
    await edit(page, 'To change', 'The first change');
    await row(page, 'The first change').getByRole('button', { name: /^Edit/ }).waitFor();
    await dialogOf(other).getByLabel('Message', { exact: true }).fill('The second change');
    await dialogOf(other).getByRole('button', { name: 'Save' }).click();
    await dialogOf(other).waitFor({ state: 'detached' });
    await row(other, 'To cancel').getByRole('button', { name: /^Edit/ }).click();
    await row(page, 'To cancel').getByRole('button', { name: /^Cancel sending/ }).click();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await row(page, 'To cancel').waitFor({ state: 'detached' });
    await dialogOf(other).getByLabel('Message', { exact: true }).fill('Sent all the same');
    await dialogOf(other).getByRole('button', { name: 'Save' }).click();
    await dialogOf(other).waitFor({ state: 'detached' });
    await open(world(), page, number);
    for (const text of ['The second change', 'Sent all the same']) await status(page, text, 'Not sent').waitFor();
    await status(page, 'The first change', 'Scheduled for').waitFor();
    for (const text of ['To change', 'To cancel']) await status(page, text, 'Cancelled').waitFor();
    await page.context().close();
  });

  test('a change stays on the page once its original is cancelled, until the server has it or it is discarded', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    for (const text of ['First', 'Second']) await schedule(page, text);
    await page.goto(`${world().url}/#/scheduled`);
    let [mode, sent] = ['away', 0];
    await page.route('**/messages', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      if (mode === 'away') return route.abort();
      sent += 1;
      if (mode === 'there') return route.continue();
      await route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:mysms:problem:invalid', status: 400, detail: 'Not like this.' }) });
    });
    await edit(page, 'First', 'A new first');
    await row(page, 'A new first').getByText('Waiting for the connection. The message as it was is cancelled.').waitFor();
    await row(page, 'First').filter({ hasText: 'Edit' }).waitFor({ state: 'detached' });
    await page.reload();
    await row(page, 'A new first').getByText('Waiting for the connection').waitFor();
    mode = 'refused';
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await row(page, 'A new first').getByText('Not sent: Not like this.').waitFor();
    await row(page, 'A new first').getByRole('button', { name: /^Discard/ }).click();
    await page.getByText(`is cancelled already. Without the change nothing is sent to ${shown(number)}.`).waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    mode = 'there';
    await row(page, 'A new first').getByRole('button', { name: /^Try again/ }).click();
    await row(page, 'A new first').getByRole('button', { name: /^Edit/ }).waitFor();
    mode = 'refused';
    await edit(page, 'Second', 'A new second');
    await row(page, 'A new second').getByRole('button', { name: /^Discard/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await row(page, 'A new second').waitFor({ state: 'detached' });
    assert.equal(await rows(page).count(), 1);
    await open(world(), page, number);
    for (const text of ['First', 'Second']) await status(page, text, 'Cancelled').waitFor();
    assert.equal(await bubble(page, 'A new second').count(), 0);
    await page.context().close();
  });

  test('a change is not discarded while what it changes may be cancelled for it', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'As it was');
    let asked = 0;
    await page.route('**/cancel', (route) => {
      asked += 1;
      return route.abort();
    });
    await page.goto(`${world().url}/#/scheduled`);
    await edit(page, 'As it was', 'As it is');
    await until('it was asked', () => asked > 0);
    await open(world(), page, number);
    await bubble(page, 'As it is').getByRole('button', { name: 'Take back' }).click();
    await page.getByText('the server has not answered yet').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await bubble(page, 'As it is').waitFor();
    await page.unroute('**/cancel');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await status(page, 'As it was', 'Cancelled').waitFor();
    await status(page, 'As it is', 'Scheduled for').waitFor();
    await page.context().close();
  });

  test('a change that was asked for without a network is discarded, and what it changes stays', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'As it was');
    await page.goto(`${world().url}/#/scheduled`);
    await row(page, 'As it was').waitFor();
    await page.context().setOffline(true);
    await edit(page, 'As it was', 'As it is');
    await page.evaluate((place) => location.assign(place), `#/conversations/${number}`);
    await bubble(page, 'As it is').getByRole('button', { name: 'Take back' }).click();
    await bubble(page, 'As it is').waitFor({ state: 'detached' });
    await page.context().setOffline(false);
    await page.reload();
    await status(page, 'As it was', 'Scheduled for').waitFor();
    assert.equal(await bubble(page, 'As it is').count(), 0);
    await page.context().close();
  });

  test('an edit whose answer is lost is made once', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'Old words');
    await page.goto(`${world().url}/#/scheduled`);
    let lost = 0;
    // The server has it, and its answers get lost.
    await page.route('**/messages', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    await edit(page, 'Old words', 'New words');
    await until('the answer is lost', () => lost > 0);
    await page.unroute('**/messages');
    await open(world(), page, number);
    await status(page, 'New words', 'Scheduled for').waitFor();
    await until('it is there once', async () => (await bubble(page, 'New words').count()) === 1);
    await status(page, 'New words', 'Scheduled for').waitFor();
    await page.context().close();
  });

  test('a text that waits for the end of quiet hours is tried as long as before, however often it is edited', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const ahead = (/** @type {number} */ hours) => new Date(Date.now() + hours * 3_600_000);
    // It leaves days after the time that its user says.
    const days = [24, 48, 72].map((hours) => DAYS[ahead(hours).getUTCDay()]);
    const windows = [{ days, from: '00:00', to: '00:00' }];
    await ask(world(), page, 'me/settings', { quiet_hours: { windows, time_zone: 'UTC' } }, 'PUT');
    const wanted = { recipient: number, content: 'Words 0', send_at: ahead(25).toISOString(), time_zone: 'UTC', validity_seconds: 7200 };
    const first = await ask(world(), page, 'messages', wanted);
    assert.ok(Date.parse(first.expires_at) - Date.parse(first.send_at) > 86_400_000);
    await page.goto(`${world().url}/#/scheduled`);
    for (const edited of [1, 2]) {
      await edit(page, `Words ${edited - 1}`, `Words ${edited}`);
      await row(page, `Words ${edited}`).getByRole('button', { name: /^Edit/ }).waitFor();
    }
    const last = (await ask(world(), page, 'messages?order=desc&limit=1'))[0];
    assert.equal(last.content, 'Words 2');
    // As to the minute in which its user wants it.
    assert.equal(Date.parse(last.starts_at), Date.parse(first.starts_at));
    assert.equal(Date.parse(last.expires_at) - Date.parse(last.starts_at), 7_200_000);
    await page.context().close();
  });

  test('a change that would be refused says why, and what it changes is not cancelled for it', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await schedule(page, 'As it was');
    await page.goto(`${world().url}/#/scheduled`);
    let [asked, canceled, answers] = [0, 0, true];
    await page.route('**/messages/preview', async (route) => {
      asked += 1;
      if (!answers && asked === 2) return route.abort();
      const answer = await route.fetch();
      const limits = [{ code: 'recipient-has-enough', message: 'They have enough for today.', retry_after: 40_000 }];
      await route.fulfill({ response: answer, json: { ...(await answer.json()), acceptable: false, limits } });
    });
    page.on('request', (request) => request.url().endsWith('/cancel') && (canceled += 1));
    await row(page, 'As it was').getByRole('button', { name: /^Edit/ }).click();
    await dialogOf(page).getByLabel('Message', { exact: true }).fill('As it is');
    await dialogOf(page).getByRole('button', { name: 'Save' }).click();
    await dialogOf(page).getByText('They have enough for today. The message stays as it was.').waitFor();
    // The dialog hears nothing, and whoever cancels asks once more.
    answers = false;
    await dialogOf(page).getByRole('button', { name: 'Save' }).click();
    await row(page, 'As it was').getByText('Not sent: They have enough for today.').waitFor();
    await row(page, 'As it was').getByRole('button', { name: /^Discard/ }).click();
    await row(page, 'As it was').getByRole('button', { name: /^Edit/ }).waitFor();
    assert.deepEqual({ asked, canceled }, { asked: 3, canceled: 0 });
    await page.unroute('**/messages/preview');
    await edit(page, 'As it was', 'As it is');
    await row(page, 'As it is').getByRole('button', { name: /^Edit/ }).waitFor();
    await page.context().close();
  });

  test('what is already going out is not sent twice', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'Too late');
    await page.goto(`${world().url}/#/scheduled`);
    await row(page, 'Too late').getByRole('link', { name: shown(number) }).waitFor();
    let sent = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/messages')) sent += 1;
    });
    await page.route('**/cancel', (route) =>
      route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:mysms:problem:too-late', status: 409, detail: 'Too late.' }) }),
    );
    await edit(page, 'Too late', 'Another text');
    await row(page, 'Too late').getByText('already going out').waitFor();
    await row(page, 'Too late').getByRole('button', { name: /^Discard/ }).click();
    await row(page, 'Too late').getByRole('button', { name: /^Edit/ }).waitFor();
    assert.equal(sent, 0);
    await page.context().close();
  });
}

/** @param {Page} page */
const dialogOf = (page) => page.getByRole('dialog');

/** @param {Page} page */
const rows = (page) => page.getByRole('list', { name: 'Scheduled messages' }).getByRole('listitem');

/** @param {Page} page @param {string} text */
const row = (page, text) => rows(page).filter({ hasText: text });

/** @param {Page} page @param {string} text @param {string} next */
async function edit(page, text, next) {
  await row(page, text).getByRole('button', { name: /^Edit/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Message', { exact: true }).fill(next);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
}
