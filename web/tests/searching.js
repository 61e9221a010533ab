import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { MARKUP, SCRIPT, bubble, newNumber, open, shown, talk, tokenOf, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {Page} page @param {string} text */
async function look(page, text) {
  await page.getByRole('searchbox').fill(text);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
}

/** @param {Page} page what a button saves @param {() => Promise<void>} press */
async function saved(page, press) {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

/** @param {() => World} world */
export function searching(world) {
  test('what was sent and received is found, marked, and led to', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, `No lunch today ${SCRIPT}`);
    await bubble(page, `No lunch today ${SCRIPT}`).waitFor();
    await write(page, 'Lunch tomorrow then?');
    await bubble(page, 'Lunch tomorrow then?').waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await look(page, 'lUNCH');
    const hits = page.locator('.results .row');
    await hits.nth(1).waitFor();
    assert.deepEqual(await page.locator('.results mark').allTextContents(), ['Lunch', 'lunch']);
    assert.match((await hits.nth(0).textContent()) ?? '', /Lunch tomorrow then\?Sent · /);
    assert.match((await hits.nth(1).textContent()) ?? '', /<\/script>.*Received$/);
    assert.equal(await page.locator(MARKUP).count(), 0);
    const place = await hits.nth(1).getAttribute('href');
    assert.match(place ?? '', new RegExp(`^#/conversations/\\${number}\\?at=[0-9a-f-]{36}$`));
    await hits.nth(1).click();
    await bubble(page, 'Lunch tomorrow then?').waitFor();
    assert.equal(await page.getByRole('link', { name: shown(number) }).first().getAttribute('aria-current'), 'page');
    await page.goBack();
    await look(page, 'nothing like it');
    await page.locator('.results').getByText('Nothing found').waitFor();
    await page.context().close();
  });

  test('from a conversation one searches in it alone, until that is taken away', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'Lunch on Monday?');
    await bubble(page, 'Lunch on Monday?').waitFor();
    const other = newNumber();
    await open(world(), page, other);
    await write(page, 'Lunch on Tuesday?');
    await bubble(page, 'Lunch on Tuesday?').waitFor();
    await page.getByRole('navigation').getByRole('button', { name: `Actions for ${shown(number)}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Search in this conversation' }).click();
    const hits = page.locator('.results .row');
    // Without words it is all that was exchanged with them.
    await until('both texts with them are there', async () => (await hits.count()) === 2);
    await page.getByText(`With ${shown(number)}`).waitFor();
    await look(page, 'lunch');
    await until('one is found', async () => (await hits.count()) === 1);
    assert.match((await hits.textContent()) ?? '', /Lunch on Monday\?/);
    assert.equal(new URL(page.url()).hash, `#/search?q=lunch&with=%2B${number.slice(1)}`);
    // A part of a number is looked for in their texts, not among other conversations.
    await look(page, other.slice(2));
    await page.locator('.results').getByText('Nothing found').waitFor();
    await looker(page, await axeSource())('a search in a conversation');
    await look(page, 'lunch');
    await until('one is found again', async () => (await hits.count()) === 1);
    await page.getByRole('button', { name: `Remove ${shown(number)}` }).click();
    await until('both are found', async () => (await hits.count()) === 2);
    assert.equal(await page.getByText(`With ${shown(number)}`).isVisible(), false);
    await page.context().close();
  });

  test('a status looks through what was sent alone', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'Hello yourself');
    await bubble(page, 'Hello yourself').waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await look(page, 'hello');
    await page.locator('.results .row').nth(1).waitFor();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('Delivered');
    await page.locator('.results .row', { hasText: 'Sent · Delivered' }).waitFor();
    assert.equal(await page.locator('.results .row').count(), 1);
    await page.context().close();
  });

  test('a part of a number finds its conversation, and all that was exchanged can be saved', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'Thanks');
    await bubble(page, 'Thanks').waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    for (const part of [shown(number), number.slice(4), `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`]) {
      await look(page, part);
      const conversation = page.locator('.results .row', { hasText: shown(number) });
      await conversation.waitFor();
      assert.equal(await conversation.getAttribute('href'), `#/conversations/${number}`);
    }
    await page.getByText('Export results').click();
    const all = page.getByRole('group', { name: /^All messages with a number/ });
    const table = await saved(page, () => all.getByRole('button', { name: 'Table (CSV)' }).click());
    assert.match(table.name, /^mysms-.*\.csv$/);
    for (const there of ['Hello', 'Thanks', number]) assert.ok(table.text.includes(there), table.text);
    await page.context().close();
  });

  test('what is saved has both directions, or the one that is chosen', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'Thanks');
    await bubble(page, 'Thanks').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    const press = () => page.getByRole('button', { name: 'JSON lines' }).click();
    const contents = async () => {
      const file = await saved(page, press);
      return file.text.trim().split('\n').map((line) => JSON.parse(line).content);
    };
    assert.deepEqual(await contents(), ['Hello', 'Thanks']);
    await page.getByLabel('Which messages').selectOption('Received');
    assert.deepEqual(await contents(), ['Thanks']);
    await page.context().close();
  });

  test('whoever deletes everything is told what goes, and can save it first', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await world().reply(number, 'Thanks');
    await bubble(page, 'Thanks').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Delete all messages' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete all your messages?' });
    await dialog.getByText('every message you sent or received').waitFor();
    const file = await saved(page, () => dialog.getByRole('button', { name: 'JSON lines' }).click());
    assert.ok(file.text.includes('Hello') && file.text.includes('Thanks'), file.text);
    await dialog.getByRole('button', { name: 'Delete all' }).click();
    await page.getByText('No conversations yet').waitFor();
    const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
    const left = await fetch(`${world().url}/messages?direction=any`, { headers });
    assert.deepEqual(await left.json(), []);
    await page.context().close();
  });
}
