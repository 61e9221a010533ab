import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { PASSWORD, bubble, countMoves, editor, newNumber, open, shown, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** What readers hardly notice. */
const CALM = 0.05;

/** @param {() => World} world */
export function layout(world) {
  const logInElsewhere = async (/** @type {string} */ username, /** @type {string} */ agent) => {
    const headers = { 'Content-Type': 'application/json', 'User-Agent': agent };
    const answer = await fetch(`${world().url}/login`, { method: 'POST', headers, body: JSON.stringify({ username, password: PASSWORD }) });
    assert.ok(answer.ok, `${answer.status}`);
  };

  test('what arrives late takes the place that was kept for it', async () => {
    const page = await world().tab();
    const { name, number } = await talk(world(), page);
    await world().reply(number, 'An answer');
    await bubble(page, 'An answer').waitFor();
    // Of such a line nobody can know the height before it is there.
    for (const nth of ['one', 'two', 'three']) await logInElsewhere(name, `${nth} ${'of many devices '.repeat(6)}`);
    await countMoves(page);
    // The page is shown before its answers are there.
    let answer = () => {};
    let asked = Promise.resolve();
    await page.route(/\/(conversations|messages|me|senders|keys|webhooks)\b[^.]*$/, async (route) => {
      await asked;
      await route.continue();
    });
    const frames = () => page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
    for (const [place, there] of /** @type {[string, () => Promise<void>][]} */ ([
      ['', () => page.locator('.side .row').waitFor({ state: 'attached' })],
      [`conversations/${number}`, () => bubble(page, 'An answer').waitFor()],
      ['search?q=Hello', () => page.locator('.results .row').waitFor()],
      ['account', () => page.getByText('This device:').waitFor()],
    ])) {
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto('about:blank');
        asked = new Promise((resolve) => (answer = () => resolve()));
        await page.goto(`${world().url}/#/${place}`);
        await page.locator('.bar:visible').first().waitFor();
        await frames();
        answer();
        await there();
        await frames();
        const moved = await page.evaluate(() => /** @type {any} */ (globalThis).moved);
        assert.ok(moved < CALM, `${place || 'the start'} moves by ${moved} at ${width}`);
      }
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.context().close();
  });

  test('the longest name fits, and so does text twice as large', async () => {
    const page = await world().tab();
    const name = `${'W'.repeat(52)}${process.pid}`.slice(0, 63).padEnd(64, 'W');
    await signUp(world(), page, name);
    await page.getByText(`Hello, ${name}`).waitFor();
    await fits(page, 'the start', 1280);
    const number = newNumber();
    await open(world(), page, number);
    await write(page, 'Hello');
    await status(page, 'Hello', 'Delivered').waitFor();
    for (const language of ['de', 'es']) {
      await page.evaluate((chosen) => localStorage.setItem('mysms/look', JSON.stringify({ language: chosen })), language);
      await page.goto(`${world().url}/#/account`);
      await page.reload();
      await page.locator('.sessions .agent').first().waitFor();
      await page.evaluate(() => Object.assign(document.documentElement.style, { fontSize: '200%' }));
      await fits(page, `the account at 200% in ${language}`, 320);
    }
    await page.evaluate(() => localStorage.removeItem('mysms/look'));
    await page.reload();
    for (const [size, width] of /** @type {[string, number][]} */ ([['100%', 320], ['200%', 390], ['200%', 320]])) {
      for (const place of ['account', 'new', 'search?q=Hello', '', `conversations/${number}`]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${world().url}/#/${place}`);
        await page.locator('.bar:visible').first().waitFor();
        await page.evaluate((fontSize) => Object.assign(document.documentElement.style, { fontSize }), size);
        if (place === 'account') await page.getByText('This device:').waitFor();
        await fits(page, `${place || 'the list'} at ${size}`, width);
      }
      await bubble(page, 'Hello').getByRole('button').click();
      await page.getByRole('heading', { name: 'History' }).waitFor();
      await fits(page, `the details at ${size}`, width);
      await page.getByRole('button', { name: 'Close' }).click();
    }
    await page.context().close();
  });

  test('the hint of a field stands below it as plain text', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    await page.goto(`${world().url}/#/new`);
    const hint = page.getByText('With the country code, such as +1');
    assert.deepEqual(await hint.evaluate((element) => [getComputedStyle(element).backgroundColor, getComputedStyle(element).display]), ['rgba(0, 0, 0, 0)', 'block']);
    await page.context().close();
  });

  test('enlarged four times there is room for what was said', async () => {
    const page = await world().tab({ viewport: { width: 320, height: 200 } });
    await talk(world(), page);
    const { height = 0 } = (await page.getByRole('log').boundingBox()) ?? {};
    assert.ok(height >= 70, `${height} pixels`);
    await page.context().close();
  });

  test('a time of the history is one line, however the clock is read', async () => {
    const page = await world().tab({ locale: 'en-US' });
    await talk(world(), page);
    await bubble(page, 'Hello').getByRole('button').click();
    const time = page.locator('.steps time').first();
    await time.waitFor();
    assert.match(await time.innerText(), /[AP]M$/);
    assert.ok(await time.evaluate((element) => element.getBoundingClientRect().height < 2 * parseFloat(getComputedStyle(element).fontSize)));
    await page.context().close();
  });

  test('dates are in the language of the page, by the clock of the browser', async () => {
    const page = await world().tab({ locale: 'fr-FR', timezoneId: 'Europe/Berlin' });
    const { number } = await talk(world(), page);
    await page.getByRole('button', { name: 'Send later' }).click();
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('Send on').fill(`${day}T15:30`);
    await editor(page).fill('For later');
    await page.getByRole('button', { name: 'Schedule' }).click();
    const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));
    await status(page, 'For later', `Scheduled for ${date}, 15:30`).waitFor();
    await page.getByRole('link', { name: shown(number) }).waitFor();
    await page.context().close();
  });

  test('what is written from right to left begins at the right in the list, too', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const direction = () => page.locator('.side .row-text').first().evaluate((element) => getComputedStyle(element).direction);
    assert.equal(await direction(), 'ltr');
    await world().reply(number, 'שלום, Ada');
    await bubble(page, 'שלום, Ada').waitFor();
    await until('the preview is from right to left', async () => (await direction()) === 'rtl');
    await write(page, 'مرحبا');
    await page.locator('.side .row').getByText('You: مرحبا').waitFor();
    assert.equal(await direction(), 'rtl');
    await page.context().close();
  });
}

/** Nothing has to be scrolled sideways. @param {Page} page @param {string} view @param {number} width */
async function fits(page, view, width) {
  await page.setViewportSize({ width, height: 800 });
  const wide = await page.evaluate(() => {
    const frames = [...document.querySelectorAll('html, .scroll, dialog, .bar, .stage')];
    return frames.filter((frame) => frame.scrollWidth > frame.clientWidth + 1).map((frame) => `${frame.tagName}.${frame.className}`);
  });
  assert.deepEqual(wide, [], `${view} at ${width}`);
}
