import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { choose, compose, fact, many, newTitle, outcome, send, tooMany } from './campaigns.js';
import { until } from './harness.js';
import { ask, newNumber, signUp } from './people.js';
import { batchesOf } from './recipients.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** How campaigns of many are checked and handed over. @param {() => World} world */
export function sendingToVeryMany(world) {
  test('of a thousand rows all who opted out are told before anything is sent', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const numbers = many(1000);
    const stopped = numbers.filter((_, place) => place % 33 === 1).slice(0, 30);
    const folder = await mkdtemp(join(tmpdir(), 'mysms-stops-'));
    await writeFile(join(folder, 'stops.csv'), `number\n${stopped.join('\n')}`);
    await world().admin('consent', 'import', join(folder, 'stops.csv'), '--said-at', new Date().toISOString());
    await rm(folder, { recursive: true });
    // The API hears of what another process noted a moment later.
    const told = () => ask(world(), page, 'messages/batch/preview', { recipients: stopped, content: 'Hello' });
    await until('it is known who opted out', async () => (await told()).refused === 30);
    const title = newTitle();
    await compose(world(), page, title, numbers);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1,000 rows, without sending: 30 cannot be sent').waitFor({ timeout: 60_000 });
    const refused = page.getByRole('list', { name: 'These rows would be refused' });
    assert.equal(await refused.getByRole('listitem').count(), 30);
    // The place of the first in the file, below its header.
    await refused.getByText('Row 3', { exact: true }).waitFor();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save these rows' }).click()]);
    assert.equal((await readFile(await saved.path(), 'utf8')).split('\r\n').filter(Boolean).length, 31);
    await page.context().close();
  });

  test('a check waits for its place among batches, and says so if it does not get one', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    let busy = 2;
    await page.route('**/messages/batch/preview', (route) => (busy-- > 0 ? route.fulfill(tooMany('0')) : route.fallback()));
    await compose(world(), page, newTitle(), [newNumber()]);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1 row, without sending: it can be sent').waitFor();
    assert.equal(busy, -1);
    await page.unroute('**/messages/batch/preview');
    await page.route('**/messages/batch/preview', (route) => route.fulfill({ status: 500, body: '' }));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1 row, without sending').waitFor({ state: 'detached' });
    await page.locator('.fault').filter({ hasText: /./ }).first().waitFor({ timeout: 60_000 });
    assert.equal(await page.getByRole('button', { name: /^Send 1/ }).count(), 0);
    await page.context().close();
  });

  test('only a few are handed over while enough of them wait, so a pause is one', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const batches = batchesOf(page);
    const title = newTitle();
    let waiting = 40;
    let looks = 0;
    await page.route('**/messages?*status=queued*', (route) => {
      looks += 1;
      if (batches.length === 0) return route.fulfill({ json: [] });
      return route.fulfill({ json: Array.from({ length: waiting }, () => ({ starts_at: null })) });
    });
    await send(world(), page, title, many(200), 200);
    await page.getByText('50 of 200 rows').waitFor();
    await page.getByText('The rest is handed over as these go out.').waitFor();
    await until('it was looked again', () => looks > 2);
    assert.deepEqual(batches.map(({ messages }) => messages.length), [50]);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Nothing more is handed over.').waitFor();
    // What waits leaves meanwhile.
    waiting = 10;
    await fact(page, 'Delivered', '50');
    assert.equal(batches.length, 1);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('All handed over', { exact: true }).waitFor();
    await fact(page, 'Accepted', '200');
    // As long as some wait it is no more at a time.
    assert.deepEqual(batches.map(({ messages }) => messages.length), [50, 50, 50, 50]);
    assert.equal(new Set(batches.flatMap(({ messages }) => messages.map((/** @type {any} */ one) => one.idempotency_key))).size, 200);
    await page.context().close();
  });

  test('whoever has had enough for now holds up nobody else', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const batches = batchesOf(page);
    const numbers = many(120);
    let isLimited = true;
    await page.route('**/messages/batch', async (route) => {
      if (!isLimited) return route.continue();
      const { messages } = route.request().postDataJSON();
      const place = messages.findIndex((/** @type {any} */ { recipient }) => recipient === numbers[3]);
      const others = messages.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== place);
      const answer = await (others.length > 0 ? route.fetch({ postData: JSON.stringify({ messages: others }) }) : null);
      const { results } = answer ? await answer.json() : { results: [] };
      const problem = { type: 'urn:mysms:problem:recipient-has-enough', status: 429, detail: 'Enough for today.' };
      if (place >= 0) results.splice(place, 0, { status: 429, replayed: false, problem, retry_after: 3600 });
      await route.fulfill({ json: { accepted: others.length, refused: 1, results } });
    });
    await send(world(), page, newTitle(), numbers, 120);
    await page.getByText('119 of 120 rows').waitFor({ timeout: 60_000 });
    await fact(page, 'Accepted', '119');
    isLimited = false;
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    // It is waited for as long as was said.
    const asked = batches.length;
    await page.getByText('119 of 120 rows').waitFor();
    assert.equal(batches.length, asked);
    assert.equal((await world().at(numbers[3] ?? '')).length, 0);
    await page.context().close();
  });

  test('what waits for the end of quiet hours holds up nothing, and what leaves at once goes in larger parts', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const batches = batchesOf(page);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await page.route('**/messages?*status=queued*', (route) => route.fulfill({ json: Array.from({ length: 50 }, () => ({ starts_at: tomorrow })) }));
    await send(world(), page, newTitle(), many(400), 400);
    await page.getByText('All handed over', { exact: true }).waitFor();
    assert.deepEqual(batches.map(({ messages }) => messages.length), [50, 100, 200, 50]);
    await page.context().close();
  });

  test('a hundred thousand rows are checked, handed over and reported without the page standing still', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const count = 100_000;
    const rows = Array.from({ length: count }, (_, place) => `+1415${String(2_000_000 + place)},Person ${place}`);
    const stub = await stubMany(page);
    await choose(world(), page, Buffer.from(`number,name\n${rows.join('\n')}\n+14152000000,again`));
    await page.getByLabel('Message to everybody', { exact: true }).fill('Hello {{name}}');
    const title = newTitle();
    await page.getByLabel('Name of the campaign').fill(title);
    await page.evaluate(() => {
      const here = /** @type {any} */ (globalThis);
      here.seen = [];
      new MutationObserver(() => {
        const told = [...document.querySelectorAll('[role=status]')].flatMap(({ textContent: text }) => /^(?:Checking: |Testing without sending: )?([\d,]+) (?:rows…|of )/.exec(text ?? '') ?? []);
        if (told[0] && told[0] !== here.seen.at(-1)) here.seen.push(told[0]);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const small = async () => assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < 1000);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Send 100,000 messages' }).waitFor({ timeout: 120_000 });
    await page.getByText('The same number as in row 2.').waitFor();
    await page.getByText('100,000 rows, without sending: 100 cannot be sent').waitFor();
    const seen = /** @type {string[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).seen));
    for (const [kind, most] of /** @type {[string, number][]} */ ([['Checking', 500], ['Testing', 1000]])) {
      const reached = seen.filter((told) => told.startsWith(kind)).map((told) => Number(told.replace(/ of .*/, '').replace(/\D/g, '')));
      // Between two of them the page did something else.
      const steps = reached.map((to, place) => to - (reached[place - 1] ?? 0));
      assert.ok(steps.length >= count / most && steps.every((step) => step <= most), `${kind}: ${steps.join(' ')}`);
    }
    await small();

    await page.getByRole('button', { name: 'Send 100,000 messages' }).click();
    await page.getByText('All handed over', { exact: true }).waitFor({ timeout: 120_000 });
    assert.equal(stub.keys.size, count);
    assert.ok(stub.sizes.length >= count / 1000 && stub.sizes.every((size) => size <= 1000), stub.sizes.join(' '));
    await page.getByText('100,001 of 100,001 rows').waitFor();
    await fact(page, 'Accepted', String(count));
    await fact(page, 'Refused', '1');
    await small();
    assert.equal((await outcome(page)).length, count + 2);
    await page.context().close();
  });
}

/** Stands in for the server where a campaign of very many is checked, handed over and read: one of a thousand is refused, and all are delivered. @param {Page} page */
async function stubMany(page) {
  /** @type {Set<string>} */
  const keys = new Set();
  /** @type {number[]} */
  const sizes = [];
  /** @type {string[]} */
  const lines = [];
  await page.route('**/messages/batch/preview', (route) => {
    const { messages } = route.request().postDataJSON();
    const limit = { code: 'recipient-opted-out', message: 'The recipient has opted out.', retry_after: null };
    const refusals = [{ index: 7, errors: [], limits: [limit] }];
    const told = { dry_run: true, acceptable: messages.length - 1, refused: 1, segments: messages.length - 1, senders: [], starts_at: null, expected_at: null, expected_by: null, refusals };
    return route.fulfill({ json: told });
  });
  await page.route('**/messages/batch', (route) => {
    const { messages } = route.request().postDataJSON();
    sizes.push(messages.length);
    for (const { recipient, content, tags, idempotency_key: key } of messages) {
      if (keys.has(key)) continue;
      keys.add(key);
      lines.push(JSON.stringify({ counterpart: recipient, direction: 'outbound', status: 'delivered', content, segments: 1, tags, error_code: null, error_message: null }));
    }
    return route.fulfill({ json: { accepted: messages.length, refused: 0, results: messages.map(() => ({ status: 200, replayed: false, accepted: {} })) } });
  });
  // What is asked for as a list is what waits; what is asked for line by line is the report.
  await page.route('**/messages?*', (route) => {
    const wantsLines = route.request().headers().accept === 'application/x-ndjson';
    return route.fulfill(wantsLines ? { contentType: 'application/x-ndjson', body: lines.map((line) => `${line}\n`).join('') } : { json: [] });
  });
  return { keys, sizes };
}
