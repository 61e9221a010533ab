import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { PASSWORD, bubble, newName, newNumber, shown, status } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function keyboard(world) {
  test('everything can be done by the keyboard alone', async () => {
    const page = await world().tab();
    const number = newNumber();
    await page.goto(`${world().url}/#/signup`);
    await page.getByLabel('Username').waitFor();
    await tabTo(page, 'Username');
    await page.keyboard.type(newName());
    await tabTo(page, 'Password');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('No conversations yet').waitFor();

    await tabTo(page, 'New message');
    await page.keyboard.press('Enter');
    await focusOn(page, 'To');
    await page.keyboard.type(number);
    await tabTo(page, 'Message');
    await page.keyboard.type('One line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('and another');
    await page.keyboard.press('Enter');
    await status(page, 'One line\nand another', 'Delivered').waitFor();
    await focusOn(page, `Message to ${shown(number)}`);

    await page.keyboard.press('Shift+Tab');
    await tabTo(page, /^Details of your message/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Your message' }).waitFor();
    await focusOn(page, 'Close');
    await page.keyboard.press('Escape');
    await focusOn(page, /^Details of your message/);
    await page.keyboard.press('Enter');
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    // The harmless answer comes first.
    await focusOn(page, 'Keep it');
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await bubble(page, 'One line\nand another').waitFor({ state: 'detached' });
    // The button that opened it is gone; the user goes on where it was.
    await page.waitForFunction(() => document.activeElement?.classList.contains('stage'));

    await tabTo(page, 'Account');
    await page.keyboard.press('Enter');
    await page.getByText('Member since').waitFor();
    await tabTo(page, 'Log out');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().close();
  });
}

/** How the element with the focus is called. @param {Page} page @returns {Promise<string>} */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const labels = element instanceof HTMLInputElement ? element.labels : null;
    return element?.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element?.textContent ?? '';
  });

/** @param {string} now @param {string | RegExp} name */
const isCalled = (now, name) => (typeof name === 'string' ? now === name : name.test(now));

/** Waits until the focus has come by itself. @param {Page} page @param {string | RegExp} name */
const focusOn = (page, name) => until(`the focus is on ${name}`, async () => isCalled(await focused(page), name));

/** @param {Page} page @param {string | RegExp} name @param {'Tab' | 'Shift+Tab'} key */
async function tabTo(page, name, key = 'Tab') {
  const passed = [];
  for (let steps = 0; steps < 40; steps += 1) {
    const now = await focused(page);
    if (isCalled(now, name)) return;
    passed.push(now.slice(0, 40));
    await page.keyboard.press(key);
  }
  assert.fail(`${name} cannot be reached: ${passed.join(', ')}`);
}
