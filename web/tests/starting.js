import assert from 'node:assert/strict';
import { test } from 'node:test';

import { another, bubble, editor, open, status, talk, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function starting(world) {
  for (const [place, file, there] of /** @type {const} */ ([
    ['', 'web/lib/time.js', 'Log in'],
    ['', 'web/main.js', 'Log in'],
    ['docs', 'web/docs/schema.js', 'MySMS Messenger API'],
  ])) {
    test(`/${place} without ${file} says so, and can be loaded again`, async () => {
      const page = await world().tab();
      await page.route(`**/${file}`, (route) => route.abort());
      await page.goto(`${world().url}/${place}`);
      await page.getByText('A part of this page could not be loaded.').waitFor();
      await page.unroute(`**/${file}`);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { name: there, exact: true }).waitFor();
      assert.equal(await page.locator('#starting').count(), 0);
      await page.context().close();
    });
  }

  for (const place of ['', 'docs']) {
    test(`/${place} names all modules that it loads, so that they come at once`, async () => {
      const page = await world().tab();
      await page.goto(`${world().url}/${place}`, { waitUntil: 'networkidle' });
      const { named, loaded } = await page.evaluate(() => ({
        named: [...document.querySelectorAll('link[rel=modulepreload], script')].map((one) => /** @type {any} */ (one).href ?? /** @type {any} */ (one).src),
        loaded: performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js')),
      }));
      assert.ok(named.length > 10);
      assert.deepEqual(loaded.sort(), named.sort());
      await page.context().close();
    });
  }

  test('the page starts without a network, with what waits, and keeps nothing that the API answers', async () => {
    const page = await world().tab({ serviceWorkers: 'allow' });
    const { number } = await talk(world(), page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const context = page.context();
    await context.setOffline(true);
    await write(page, 'Later');
    await status(page, 'Later', 'Waiting for the connection').waitFor();
    await editor(page).fill('A draft');
    const second = await another(world(), context);
    await page.close();
    await open(world(), second, number);
    await second.getByText('You are offline.').waitFor();
    await bubble(second, 'Later').waitFor();
    assert.equal(await editor(second).inputValue(), 'A draft');
    const kept = await second.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map((request) => new URL(request.url).pathname);
    });
    assert.ok(kept.length > 50 && kept.every((path) => path === '/' || path.startsWith('/web/')), kept.join(' '));
    await context.setOffline(false);
    await status(second, 'Later', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    await context.close();
  });

  test('a page that takes long has a link, even if nothing of it runs', async () => {
    const page = await world().tab({ javaScriptEnabled: true });
    await page.route('**/*.js', (route) => route.abort());
    await page.goto(world().url);
    await page.getByRole('link', { name: 'Load the page again' }).waitFor();
    await page.unroute('**/*.js');
    await page.getByRole('link', { name: 'Load the page again' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().close();
  });
}
