import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { MARKUP, SCRIPT, appears, bubble, editor, newNumber, shown, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function inbox(world) {
  test('a text that belongs to nobody is seen live by those who may, and is theirs who takes it', async () => {
    const [first, second] = await Promise.all([attendant(world()), attendant(world())]);
    const number = newNumber();
    await world().reply(number, 'Is anybody there?');
    for (const { page } of [first, second]) await text(page, number).getByText('Is anybody there?').waitFor();
    await until('it is counted', async () => /^Unassigned, \d+\+?$/.test((await tool(first.page).getAttribute('aria-label')) ?? ''));

    await text(first.page, number).getByRole('button', { name: 'Take it' }).click();
    await bubble(first.page, 'Is anybody there?').waitFor();
    await text(second.page, number).waitFor({ state: 'detached' });
    await write(first.page, 'Here we are');
    await status(first.page, 'Here we are', 'Delivered').waitFor();
    await world().reply(number, 'Good');
    await bubble(first.page, 'Good').waitFor();
    await Promise.all([first, second].map(({ page }) => page.context().close()));
  });

  test('pictures of what belongs to nobody are seen before anybody takes it', async () => {
    const { page } = await attendant(world());
    const number = newNumber();
    await world().simulator('inbound', { from: number, media: [{ picture: 'hills' }, { content_type: 'application/pdf', size: 1000 }] });
    const image = text(page, number).getByRole('img', { name: 'Picture 1 of 2' });
    await until('it is loaded', () => image.evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth === 240));
    const [saved] = await Promise.all([page.waitForEvent('download'), text(page, number).getByRole('button', { name: /^Save file 2 of 2/ }).click()]);
    assert.equal(saved.suggestedFilename(), 'media-1.pdf');
    await looker(page, await axeSource())('a picture in the inbox');
    await text(page, number).getByRole('button', { name: 'Take it' }).click();
    await page.getByRole('img', { name: 'Picture 1 of 2' }).waitFor();
    await page.context().close();
  });

  test('it is given to a colleague, who gets what comes next as well', async () => {
    const { page } = await attendant(world());
    const other = await world().tab();
    const { name, number: own } = await talk(world(), other);
    const number = newNumber();
    await world().reply(number, 'For the kitchen');
    await text(page, number).waitFor();
    const readOut = (/** @type {string} */ from, /** @type {string} */ said) => other.locator('#polite').getByText(`New message from ${shown(from)}: ${said}`).waitFor({ state: 'attached' });
    await world().reply(own, 'Written later');
    await readOut(own, 'Written later');
    await text(page, number).getByRole('button', { name: 'Assign' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Username').fill('nobody_at_all');
    await dialog.getByRole('button', { name: 'Assign' }).click();
    await dialog.getByText("Username is no user's.").waitFor();
    await dialog.getByLabel('Username').fill(name);
    await dialog.getByRole('button', { name: 'Assign' }).click();
    // It is news to them, although they have heard of later ones.
    await readOut(number, 'For the kitchen');
    await text(page, number).waitFor({ state: 'detached' });
    await other.getByRole('link', { name: shown(number) }).click();
    await bubble(other, 'For the kitchen').waitFor();
    await world().reply(number, 'And one more');
    await bubble(other, 'And one more').waitFor();
    await Promise.all([page, other].map((one) => one.context().close()));
  });

  test('who is slower is told that somebody else has it', async () => {
    const [first, second] = await Promise.all([attendant(world()), attendant(world())]);
    const number = newNumber();
    await world().reply(number, 'Who is faster?');
    for (const { page } of [first, second]) await text(page, number).waitFor();
    // The second tab hears nothing any more.
    await second.page.route('**/inbox/unassigned?*', (route) => route.abort());
    await text(first.page, number).getByRole('button', { name: 'Take it' }).click();
    await bubble(first.page, 'Who is faster?').waitFor();
    await text(second.page, number).getByRole('button', { name: 'Take it' }).click();
    await second.page.getByText('Somebody else already has it.').waitFor({ state: 'attached' });
    await text(second.page, number).waitFor({ state: 'detached' });
    await Promise.all([first, second].map(({ page }) => page.context().close()));
  });

  test('a short code, a name and other channels are shown as they are, and cannot be answered', async () => {
    const { page } = await attendant(world());
    const look = looker(page, await axeSource());
    const number = newNumber();
    const authors = [String(10_000 + (process.pid % 90_000)), 'PARCELBOX', 'm'.repeat(60), `whatsapp:${number}`];
    for (const author of authors) {
      await world().reply(author, SCRIPT);
      await text(page, author).first().waitFor();
    }
    assert.equal(await page.locator(MARKUP).count(), 0);
    await look('the inbox');
    for (const author of authors) {
      await page.goto(`${world().url}/#/inbox`);
      await text(page, author).first().getByRole('button', { name: 'Take it' }).click();
      await bubble(page, SCRIPT).first().waitFor();
      await page.getByRole('heading', { name: author, exact: true }).waitFor();
      await page.getByText('You cannot reply').waitFor();
      assert.equal(await editor(page).count(), 0);
      await page.reload();
      await page.getByText('You cannot reply').waitFor();
    }
    await look('a conversation that cannot be answered');
    await page.getByRole('link', { name: `Message ${shown(number)} instead` }).click();
    await editor(page).waitFor();
    await page.context().close();
  });

  test('who may not see the inbox finds none, and who may not any more loses it', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    assert.equal(await tool(page).isVisible(), false);
    await page.goto(`${world().url}/#/inbox`);
    await page.getByRole('link', { name: shown(number) }).waitFor();
    await until('it leads elsewhere', () => page.url().endsWith('#/'));

    const one = await attendant(world());
    await world().admin('inbox', 'revoke', one.name);
    await until('it is closed', async () => {
      await one.page.reload();
      return !(await appears(tool(one.page)));
    });
    await Promise.all([page, one.page].map((each) => each.context().close()));
  });
}

/** Somebody who may see what belongs to nobody, and looks at it. @param {World} world */
async function attendant(world) {
  const page = await world.tab();
  const name = await signUp(world, page);
  await world.admin('inbox', 'grant', name);
  // Within two seconds.
  await until('it is open', async () => {
    await page.reload();
    return appears(tool(page));
  });
  await page.goto(`${world.url}/#/inbox`);
  await page.getByRole('heading', { name: 'Unassigned' }).waitFor();
  return { name, page };
}

/** The way to the inbox. @param {Page} page */
const tool = (page) => page.getByRole('link', { name: /^Unassigned/ });

/** A text of the inbox by its author. @param {Page} page @param {string} author */
const text = (page, author) =>
  page.getByRole('list', { name: 'Unassigned messages' }).getByRole('listitem').filter({ has: page.getByText(shown(author), { exact: true }) });
