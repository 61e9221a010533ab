import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axeSource, until } from './harness.js';
import { newNumber } from './people.js';

/** @import { BrowserContextOptions, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {World} world @param {string} [number] @param {BrowserContextOptions} [options] */
async function phone(world, number, options) {
  const page = await world.tab(options);
  await page.goto(number ? `${world.phones}#/${encodeURIComponent(number)}` : world.phones);
  return page;
}

/** A text arrives that the messenger has nothing to do with. @param {World} world @param {string} to @param {string} body */
const arrive = (world, to, body) => world.simulator('messages', { to, body });

/** @param {Page} page @param {string} text */
const bubble = (page, text) => page.locator('.bubble').getByText(text, { exact: true });

const editor = (/** @type {Page} */ page) => page.getByLabel('Text from this phone');

/** @param {() => World} world */
export function phones(world) {
  test('a phone shows what arrives, and markup stays text', async () => {
    const number = newNumber();
    const page = await phone(world(), number);
    await arrive(world(), number, 'Hello');
    await bubble(page, 'Hello').waitFor();
    const markup = '<img src=x onerror=alert(1)>';
    await arrive(world(), number, markup);
    await bubble(page, markup).waitFor();
    const ours = page.getByRole('navigation').locator('[aria-current=page]');
    await ours.getByText(markup).waitFor();
    assert.equal(await page.locator('img').count(), 0);
    await page.context().close();
  });

  test('a phone is opened and written on with the keyboard alone', async () => {
    const number = newNumber();
    const page = await phone(world());
    await page.getByLabel('Open a number').fill('0123');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Write it with +').waitFor();
    await page.getByLabel('Open a number').fill(number.replace('+1', '+1 (').replace('415', '415) '));
    await page.keyboard.press('Enter');
    await until('the phone has the focus', () => page.evaluate(() => document.activeElement?.id === 'thread'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Line one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('line two');
    await page.keyboard.press('Enter');
    await page.locator('.own .bubble').waitFor();
    assert.equal(await page.locator('.own .bubble').textContent(), 'Line one\nline two');
    assert.equal(await editor(page).inputValue(), '');
    await page.context().close();
  });

  test('STOP is confirmed, and START lifts it', async () => {
    const page = await phone(world(), newNumber());
    await page.getByRole('button', { name: 'STOP' }).click();
    await page.getByText('sent by the network, not by the messenger').waitFor();
    await page.getByText(/^Stopped: .* cannot write here/).waitFor();
    await page.getByRole('button', { name: 'START' }).click();
    await page.getByText(/^Stopped/).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'STOP' }).waitFor();
    assert.equal(await page.locator('.own').count(), 2);
    await page.context().close();
  });

  test('a text shows who sent it, and an answer goes there, but not to a name', async () => {
    const number = newNumber();
    const send = (/** @type {string} */ from, /** @type {string} */ body) => world().simulator('messages', { to: number, from, body });
    const chosen = () => page.getByLabel('To', { exact: true }).inputValue();
    for (const sender of ['72345', 'Shop']) await world().simulator(`senders/${sender}`, {}, 'PUT');
    const page = await phone(world(), number);
    await send('72345', 'Your code');
    await page.getByText('from short code 72345').waitFor();
    await until('the short code is answered', async () => await chosen() === '72345');
    await editor(page).fill('Thanks');
    await page.keyboard.press('Enter');
    await page.getByText('to short code 72345').waitFor();
    assert.equal((await world().at('72345')).at(-1).body, 'Thanks');

    await editor(page).fill('Half a thought');
    await send('Shop', 'Sale');
    await page.getByText('from Shop').waitFor();
    assert.equal(await chosen(), '72345');
    await page.getByLabel('To', { exact: true }).selectOption('Shop');
    await page.getByText('Shop is a name, not a number: nobody can answer it.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Send' }).isEnabled(), false);
    await editor(page).press('Enter');
    await page.getByLabel('To', { exact: true }).selectOption('72345');
    await page.getByRole('button', { name: 'Send' }).click();
    await bubble(page, 'Half a thought').waitFor();
    assert.equal(await page.locator('.own').count(), 2);
    await page.context().close();
    for (const sender of ['72345', 'Shop']) await world().simulator(`senders/${sender}`, {}, 'DELETE');
  });

  test('a draft stays with its phone, and survives a lost network', async () => {
    const [one, other] = [newNumber(), newNumber()];
    await arrive(world(), other, 'Hello');
    const page = await phone(world(), one);
    await editor(page).fill('Half a thought');
    await page.getByRole('link', { name: /Hello$/ }).first().click();
    await bubble(page, 'Hello').waitFor();
    assert.equal(await editor(page).inputValue(), '');
    await page.goBack();
    await until('the draft is back', async () => await editor(page).inputValue() === 'Half a thought');
    await page.context().setOffline(true);
    await page.getByText('The simulator does not answer. Trying again').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('Try again').waitFor();
    assert.equal(await editor(page).inputValue(), 'Half a thought');
    await page.context().setOffline(false);
    await page.getByText('The simulator does not answer. Trying again').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Send' }).click();
    await bubble(page, 'Half a thought').waitFor();
    await page.context().close();
  });

  test('faults are switched on and off', async () => {
    const number = newNumber();
    const page = await phone(world(), number);
    // Other tests have faults of their own, for their own numbers.
    const scripted = async () => (await world().simulator('faults'))
      .filter((/** @type {any} */ { to = number }) => to === number)
      .map((/** @type {any} */ { id, ...fault }) => fault);
    await page.getByLabel('It happens').selectOption('always');
    await page.getByRole('switch', { name: 'Reports come twice' }).click();
    await page.getByRole('switch', { name: 'Switched off' }).focus();
    await page.keyboard.press('Space');
    const expected = [
      { fault: { kind: 'callback_doubled' } },
      { fault: { kind: 'outcome', status: 'undelivered', code: 30003 }, to: number },
    ];
    await until('both are scripted', async () => (await scripted()).length === 2);
    assert.deepEqual(await scripted(), expected);
    await page.reload();
    await page.getByRole('switch', { name: 'Switched off', checked: true }).waitFor();
    await page.getByRole('button', { name: 'Switch everything off' }).click();
    await page.getByRole('switch', { name: 'Reports come twice', checked: false }).waitFor();
    assert.deepEqual(await scripted(), []);
    await page.context().close();
  });

  test('the phones are accessible and fit, from 320 pixels on, light and dark', async () => {
    const number = newNumber();
    await arrive(world(), number, `A very long word: ${'x'.repeat(200)}`);
    await world().reply(number, 'STOP');
    const axe = await axeSource();
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      for (const width of [320, 768, 1280]) {
        // What is tested here is injected, which the page's policy forbids.
        const options = { colorScheme, viewport: { width, height: 700 }, bypassCSP: true };
        for (const place of [undefined, number]) {
          const page = await phone(world(), place, options);
          await page.locator(place ? '.bubble' : '.phones li').first().waitFor();
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${place ? 'a phone' : 'the list'} is ${wide} pixels too wide at ${width}`);
          await page.evaluate(axe);
          const { violations } = await page.evaluate('axe.run()');
          assert.deepEqual(violations.map((/** @type {any} */ { id, nodes }) => [id, nodes[0].html]), []);
          await page.context().close();
        }
      }
    }
  });

  test('a phone that the list is too long for shows its last text there all the same', async () => {
    const number = newNumber();
    await arrive(world(), number, 'Still here');
    const many = Array.from({ length: 201 }, (_, place) => `+1212555${String(1000 + place)}`);
    await Promise.all(many.map((other) => arrive(world(), other, 'Later')));
    const page = await phone(world(), number);
    await bubble(page, 'Still here').waitFor();
    await page.getByRole('navigation').locator('[aria-current=page]').getByText('Still here').waitFor();
    await page.context().close();
  });
}
