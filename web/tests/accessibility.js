import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axeSource } from './harness.js';
import { UNREACHABLE, bubble, editor, endToken, newNumber, open, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** From a small phone to a large screen, in pixels. */
export const WIDTHS = [320, 390, 768, 1280, 1920];

/** @param {() => World} world */
export function accessibility(world) {
  test('axe finds nothing in any view, light and dark, at all widths', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    const go = (/** @type {string} */ place) => page.goto(`${world().url}/#/${place}`);

    await go('login');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await look('login');
    await go('signup');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await look('signup with faults');
    await signUp(world(), page);
    await look('nothing yet');
    await go('new');
    await write(page, 'x');
    await look('new message with a fault');
    await page.context().close();
  });

  test('axe finds nothing in a conversation and around it', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    const { number } = await talk(world(), page);
    await page.getByRole('button', { name: 'Send later' }).click();
    await editor(page).fill('For later');
    await page.getByRole('button', { name: 'Schedule' }).click();
    await status(page, 'For later', 'Scheduled').waitFor();
    await page.getByRole('button', { name: 'Send later' }).click();
    await editor(page).fill('“Dear” – and more');
    const failing = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: failing });
    await open(world(), page, failing);
    await write(page, 'Hello?');
    await status(page, 'Hello?', 'Not delivered').waitFor();
    await look('a text that failed');
    await page.goto(`${world().url}/#/search?q=hello`);
    await page.locator('.results .row').first().waitFor();
    await look('what was found');
    await page.goto(`${world().url}/#/account`);
    await page.getByText('Member since').waitFor();
    await look('the account');
    await open(world(), page, number);
    await look('a conversation');
    await bubble(page, 'Hello').getByRole('button').click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await look('details');
    await page.getByRole('button', { name: 'Delete' }).click();
    await look('a question');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await endToken(world(), page);
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await look('logging in again');
    await page.context().close();
  });

  test('axe finds nothing when there is nothing to show', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    await talk(world(), page);
    await page.route(/\/(conversations|messages)[/?][^#]*$/, (route) => route.abort());
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await page.getByText('Cannot reach the server. Messages').waitFor();
    await look('the server is away');
    await page.route('**/client.json', (route) => route.abort());
    // Nor does the browser know what the server said last.
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.getByText('Not loaded').waitFor();
    await look('nothing at all');
    await page.context().close();
  });
}

/** Looks at a view in every width and colour scheme. @param {Page} page @param {string} axe */
export const looker = (page, axe) => async (/** @type {string} */ view) => {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${view} is ${wide} pixels too wide at ${width}`);
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Only the colours are others in the dark.
      const rules = colorScheme === 'dark' ? ['color-contrast'] : null;
      const found = await page.evaluate(inspect, { source: axe, rules });
      assert.deepEqual(found, [], `${view} at ${width} in ${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
};

/** Runs in the page. @param {{source: string, rules: string[] | null}} what @returns {Promise<string[]>} */
async function inspect({ source, rules }) {
  const here = /** @type {any} */ (globalThis);
  if (!here.axe) (0, eval)(source);
  const { violations } = await here.axe.run(rules ? { runOnly: rules } : {});
  return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' | ')}`);
}
