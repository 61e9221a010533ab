import assert from 'node:assert/strict';
import { test } from 'node:test';

import { another, bubble, editor, open, signUp, status, talk, write } from './people.js';

/** @import { BrowserContext, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function starting(world) {
  for (const [place, file, there] of /** @type {const} */ ([
    ['', 'main.js', 'Log in'],
    ['docs', 'docs/main.js', 'MySMS Messenger API'],
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

  test('little travels until something is shown, and nothing of it twice', async () => {
    const first = await world().tab({ serviceWorkers: 'allow' });
    const context = first.context();
    const loggedOut = await traffic(first, async () => {
      await first.goto(world().url);
      await first.getByRole('heading', { name: 'Log in' }).waitFor();
    });
    await signUp(world(), first);
    await first.close();
    // A browser that has the cookie alone.
    const fresh = await world().tab();
    await fresh.context().addCookies(await context.cookies());
    await fresh.addInitScript((login) => localStorage.setItem('mysms/login', login), JSON.stringify(await loginOf(context, world())));
    const loggedIn = await traffic(fresh, async () => {
      await fresh.goto(world().url);
      await fresh.getByText('No conversations yet').waitFor();
    });
    for (const { bytes, files } of [loggedOut, loggedIn]) {
      assert.ok(bytes > 20_000 && bytes <= 45_000, `${bytes} bytes: ${files.join(' ')}`);
      assert.ok(files.length <= 8, files.join(' '));
    }
    const again = await another(world(), context);
    await again.goto(world().url);
    await again.evaluate(() => navigator.serviceWorker.ready);
    await again.goto('about:blank');
    const second = await traffic(again, async () => {
      await again.goto(`${world().url}/#/account`);
      await again.getByText('Member since').waitFor();
    });
    assert.deepEqual(second.files, []);
    await Promise.all([context, fresh.context()].map((one) => one.close()));
  });

  test('a page of a version that is gone says so where it lacks a file, and loads the new one', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const gone = await fetch(`${world().url}/web/0123456789abcdef/main.js`);
    assert.equal(gone.status, 404);
    assert.equal(gone.headers.get('cache-control'), 'no-store');
    await page.route('**/views/rest.js', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('A part of this page could not be loaded.').waitFor();
    await page.unroute('**/views/rest.js');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Member since').waitFor();
    await page.context().close();
  });

  test('a page that starts with old files is loaded once more, and not for ever', async () => {
    const page = await world().tab();
    let asked = 0;
    await page.route('**/client.json', async (route) => {
      asked += 1;
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), web: 'another' } });
    });
    await page.goto(world().url);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(asked, 2);
    await page.context().close();
  });

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
    assert.ok(kept.some((path) => path.endsWith('/views/rest.js')) && kept.every((path) => path === '/' || path.startsWith('/web/')), kept.join(' '));
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

/**
 * The files that are fetched from the network while something is done, and how many bytes they have together, with
 * their headers, as they travel.
 *
 * @param {Page} page
 * @param {() => Promise<void>} act
 */
async function traffic(page, act) {
  const wire = await page.context().newCDPSession(page);
  await wire.send('Network.enable');
  /** @type {Map<string, string>} */
  const asked = new Map();
  let bytes = 0;
  wire.on('Network.responseReceived', ({ requestId, response }) => {
    const isOurs = !response.fromServiceWorker && !response.fromDiskCache;
    if (!isOurs || !response.url.startsWith('http')) return;
    const path = new URL(response.url).pathname;
    if (path === '/' || path.startsWith('/web/')) asked.set(requestId, path);
  });
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (asked.has(requestId)) bytes += encodedDataLength;
  });
  await act();
  await page.waitForLoadState('load');
  await wire.detach();
  return { bytes, files: [...asked.values()] };
}

/** Whose login a browser's cookie is. @param {BrowserContext} context @param {World} world */
async function loginOf(context, world) {
  const page = await another(world, context);
  await page.goto(`${world.url}/web/none`);
  const login = await page.evaluate(() => localStorage.getItem('mysms/login'));
  await page.close();
  return JSON.parse(login ?? 'null');
}
