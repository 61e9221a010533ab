import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { talk } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function pictures(world) {
  test('a picture without words is shown, and the list says that there is one', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await receive(world(), number, [{ picture: 'hills' }]);
    const image = page.getByRole('img', { name: 'Picture', exact: true });
    await image.waitFor();
    await until('it is loaded', () => image.evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth === 240));
    await page.locator('.side .row-text').getByText('Picture', { exact: true }).waitFor();
    assert.equal(await image.getAttribute('src').then((src) => src?.startsWith('blob:')), true);
    const look = looker(page, await axeSource());
    await look('a thread with a picture');
    await page.context().close();
  });

  test('what is out of view is not asked for until it comes into view', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    for (let sent = 0; sent < 8; sent += 1) await receive(world(), number, [{ picture: 'receipt' }]);
    await page.getByRole('img', { name: 'Picture' }).nth(1).waitFor();
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => request.url().includes('/media/') && asked.push(request.url()));
    await page.reload();
    await page.getByRole('img', { name: 'Picture' }).first().waitFor();
    await until('those in view are there', () => page.locator('.picture img').count().then((count) => count >= 2));
    assert.ok(asked.length < 8, `${asked.length} were asked for`);
    await page.locator('.picture').first().scrollIntoViewIfNeeded();
    await page.locator('.picture').first().locator('img').waitFor();
    await page.context().close();
  });

  test('any other file is saved, with its kind and size, and never shown', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const html = Buffer.from('<script>parent.alert(1)</script>').toString('base64');
    await receive(world(), number, [
      { content_type: 'application/pdf', size: 1_500_000 },
      { content_type: 'text/html', data: html },
    ]);
    const pdf = page.getByRole('button', { name: /^Save file 1 of 2/ });
    assert.equal(await pdf.textContent(), 'Save file 1 of 2 (application/pdf)');
    const [saved] = await Promise.all([page.waitForEvent('download'), pdf.click()]);
    assert.equal(saved.suggestedFilename(), 'media-0.pdf');
    const [other] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /^Save file 2 of 2/ }).click(),
    ]);
    assert.equal(other.suggestedFilename(), 'media-1.bin');
    await page.reload();
    await page.getByRole('button', { name: 'Save file 1 of 2 (application/pdf, 1.5 MB)' }).waitFor();
    await page.locator('.side .row-text').getByText('2 files', { exact: true }).waitFor();
    await looker(page, await axeSource())('a thread with files');
    await page.context().close();
  });

  test('a picture that cannot be loaded says so, and is tried again', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    let broken = true;
    await page.route('**/media/*', (route) => (broken ? route.abort() : route.continue()));
    await receive(world(), number, [{ picture: 'sunrise' }]);
    await page.getByText('Picture is not shown. The server cannot be reached.').waitFor();
    await looker(page, await axeSource())('a picture that is missing');
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('img', { name: 'Picture' }).waitFor();
    await page.context().close();
  });

  test('a picture that is chosen on the phone arrives', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const phone = await world().tab();
    await phone.goto(`${world().phones}#/${encodeURIComponent(number)}`);
    await phone.getByLabel('Pictures and files').setInputFiles('../twilio-sim/pictures/sunrise.png');
    await phone.getByRole('button', { name: 'Send', exact: true }).click();
    for (const there of [page, phone]) {
      const image = there.getByRole('img', { name: 'Picture', exact: true });
      await image.waitFor();
      await until('it is shown', () => image.evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth === 240));
    }
    // The latest is the first of the list, in which other phones may stand.
    await phone.getByText('Sent: a picture or a file').first().waitFor();
    await Promise.all([page, phone].map((one) => one.context().close()));
  });

  test('a picture goes with its message', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await receive(world(), number, [{ picture: 'hills' }]);
    await page.getByRole('img', { name: 'Picture' }).waitFor();
    await page.getByRole('button', { name: /^Details of their message/ }).last().click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    const sure = page.getByRole('button', { name: /^Delete/ });
    if (await sure.count()) await sure.last().click();
    await page.getByRole('img', { name: 'Picture' }).waitFor({ state: 'detached' });
    await page.context().close();
  });
}

/** A handset sends files and no words. @param {World} world @param {string} from @param {object[]} media */
const receive = (world, from, media) => world.simulator('inbound', { from, media });
