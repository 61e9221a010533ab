import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { UNREACHABLE, editor, newNumber, open, signUp, talk } from './people.js';

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
    await page.getByText('Picture is not shown. Cannot reach the server.').waitFor();
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

  test('a picture is sent, and stands in the thread and on the phone', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.getByLabel('Pictures and files', { exact: true }).setInputFiles('../twilio-sim/pictures/sunrise.png');
    await page.getByText('sunrise.png', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove sunrise.png' }).waitFor();
    await looker(page, await axeSource())('a text with a picture that is not sent yet');
    await page.getByLabel(/^Message to/).fill('Look at this!');
    await page.getByLabel('Send', { exact: true }).click();
    const image = page.getByRole('img', { name: 'Picture', exact: true });
    await image.waitFor();
    await until('it is shown', () => image.evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth === 240));
    await until('it arrives', async () => (await world().at(number)).some(({ body, media }) => body === 'Look at this!' && media.length === 1));
    const sent = (await world().at(number)).find(({ body }) => body === 'Look at this!');
    const fetched = await fetch(sent.media[0].url);
    assert.equal(fetched.headers.get('content-type'), 'image/png');
    const original = await readFile('../twilio-sim/pictures/sunrise.png');
    assert.ok(Buffer.from(await fetched.arrayBuffer()).equals(original));
    await page.context().close();
  });

  test('a picture that failed is sent again with its words, and without it only if it is gone', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: number, times: 3 });
    await open(world(), page, number);
    const failed = page.locator('.bubble.failed');
    const sendPicture = async (/** @type {string} */ words) => {
      await page.getByLabel('Pictures and files', { exact: true }).setInputFiles('../twilio-sim/pictures/sunrise.png');
      await page.getByRole('button', { name: 'Remove sunrise.png' }).waitFor();
      await editor(page).fill(words);
      await page.getByLabel('Send', { exact: true }).click();
    };
    await sendPicture('Look at this!');
    await failed.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('the same words and files').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
    await until('it was tried twice', async () => (await world().at(number)).length === 2);
    await sendPicture('');
    const original = await readFile('../twilio-sim/pictures/sunrise.png');
    await failed.nth(2).waitFor();
    await until('all are there', async () => (await world().at(number)).length === 3);
    for (const { media } of await world().at(number)) {
      const fetched = await fetch(media[0].url);
      assert.ok(Buffer.from(await fetched.arrayBuffer()).equals(original));
    }
    assert.deepEqual((await world().at(number)).map(({ body }) => body), ['Look at this!', 'Look at this!', '']);

    // The server does not keep files for ever.
    await page.route('**/messages/preview', async (route) => {
      const answer = await route.fetch();
      const errors = [{ field: 'media_urls', message: 'must be files that you brought and that are still there' }];
      await route.fulfill({ response: answer, json: { ...(await answer.json()), errors } });
    });
    await failed.last().getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Its files are not kept any more. Write a new message').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await failed.first().getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Its files are not kept any more. MySMS sends the same words to').waitFor();
    await page.getByRole('button', { name: 'Send without files' }).click();
    await until('the words are there', async () => (await world().at(number)).length === 4);
    const last = (await world().at(number)).at(-1);
    assert.deepEqual([last.body, last.media], ['Look at this!', []]);
    await page.context().close();
  });

  test('what cannot be sent says why, and a large picture is made smaller', async () => {
    const page = await world().tab();
    await talk(world(), page);
    const input = page.getByLabel('Pictures and files', { exact: true });
    await input.setInputFiles({ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<p>') });
    await page.getByText(/^Content-Type must be one of/).waitFor();
    await page.getByLabel(/^Message to/).fill('With a page');
    await page.getByLabel('Send', { exact: true }).click();
    await page.locator('.composer .fault').getByText('page.html cannot be sent. Remove it or choose another file.').waitFor();
    await page.getByRole('button', { name: 'Remove page.html' }).click();
    const large = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(1200, 600);
      const paper = canvas.getContext('2d');
      const noise = new ImageData(1200, 600);
      for (let place = 0; place < noise.data.length; place += 1) noise.data[place] = place % 4 === 3 ? 255 : Math.random() * 256;
      paper?.putImageData(noise, 0, 0);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
      return bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
    });
    const buffer = Buffer.from(large, 'latin1');
    assert.ok(buffer.length > 600_000, `${buffer.length} bytes`);
    const uploaded = page.waitForRequest((request) => request.url().endsWith('/uploads') && request.method() === 'POST');
    await input.setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer });
    assert.equal((await uploaded).headers()['content-type'], 'image/jpeg');
    await page.getByRole('button', { name: 'Remove large.png' }).waitFor();
    await page.context().close();
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
