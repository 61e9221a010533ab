import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { another, bubble, open, status, talk, write } from './people.js';

/** @import { BrowserContext, Page, Request } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** As over plain HTTP. A test can say that nobody looks at a tab. @param {BrowserContext} context */
const takeLocks = (context) =>
  context.addInitScript(() => {
    const here = /** @type {any} */ (globalThis);
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'hidden') ?? {};
    Object.defineProperty(document, 'hidden', { get: () => here.isHidden ?? get?.call(document) });
  });

/** @param {BrowserContext} context @returns {() => Page[]} the tabs that have a stream, once for each */
function streamsOf(context) {
  /** @type {Set<Request>} */
  const asked = new Set();
  context.on('request', (request) => request.url().endsWith('/events') && asked.add(request));
  context.on('requestfailed', (request) => asked.delete(request));
  context.on('requestfinished', (request) => asked.delete(request));
  return () => [...asked].map((request) => request.frame().page()).filter((page) => !page.isClosed());
}

/** @param {() => World} world */
export function many(world) {
  test('ten tabs have one stream, and see all that is sent and received', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    let streams = 0;
    const isStream = (/** @type {{url: () => string}} */ request) => request.url().endsWith('/events');
    context.on('request', (request) => isStream(request) && (streams += 1));
    const others = [];
    for (let count = 1; count < 10; count += 1) {
      const tab = await another(world(), context);
      await open(world(), tab, number);
      await status(tab, 'Hello', 'Delivered').waitFor();
      others.push(tab);
    }
    const tabs = [page, ...others];
    const last = /** @type {typeof page} */ (tabs.at(-1));
    await write(last, 'From the last one');
    for (const tab of tabs) {
      await status(tab, 'From the last one', 'Delivered').waitFor();
      assert.equal(await bubble(tab, 'From the last one').count(), 1);
    }
    assert.equal(streams, 0, 'only the first tab has one');

    // Whoever leads is closed while something comes in.
    await Promise.all([page.close(), world().reply(number, 'Good bye')]);
    for (const tab of others) await bubble(tab, 'Good bye').waitFor();
    await until('another one follows', () => streams === 1);
    await write(last, 'And again');
    for (const tab of others) await status(tab, 'And again', 'Delivered').waitFor();
    assert.equal(streams, 1);
    assert.equal((await world().at(number)).filter((text) => text.body === 'And again').length, 1);
    await context.close();
  });

  test('where browsers have no locks, tabs that nobody looks at keep no stream of their own', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    await page.close();
    await takeLocks(context);
    const streams = streamsOf(context);
    const look = (/** @type {Page} */ tab, /** @type {boolean} */ isSeen) =>
      tab.evaluate((hidden) => {
        Object.assign(globalThis, { isHidden: hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, !isSeen);
    /** @type {Page[]} */
    const tabs = [];
    for (let count = 0; count < 8; count += 1) {
      const before = tabs.at(-1);
      if (before) await look(before, false);
      const tab = await another(world(), context);
      await open(world(), tab, number);
      await status(tab, 'Hello', 'Delivered').waitFor();
      tabs.push(tab);
      await until('those that are not looked at give theirs up', () => streams().length === 1);
    }
    await world().reply(number, 'To all tabs');
    for (const tab of tabs) await bubble(tab, 'To all tabs').waitFor();
    // The one that has it is closed, and nobody looks at another.
    const last = tabs.pop();
    assert.ok(last);
    await look(last, false);
    // As a user does it: what a page does at its end is done.
    await Promise.all([last.waitForEvent('close'), last.close({ runBeforeUnload: true })]);
    await world().reply(number, 'To those that are left');
    for (const tab of tabs) await bubble(tab, 'To those that are left').waitFor();
    await until('one of them has it', () => streams().length === 1);
    const [first] = tabs;
    assert.ok(first);
    await look(first, true);
    await write(first, 'Looked at again');
    for (const tab of tabs) await status(tab, 'Looked at again', 'Delivered').waitFor();
    await until('it has it alone', () => streams().length === 1);
    assert.equal((await world().at(number)).filter((text) => text.body === 'Looked at again').length, 1);
    await context.close();
  });

  test('where browsers have no locks, one of many windows that are looked at keeps a stream, and another one after it', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const context = page.context();
    await page.close();
    await takeLocks(context);
    const streams = streamsOf(context);
    /** @type {Page[]} */
    const windows = [];
    for (let count = 0; count < 8; count += 1) {
      const one = await another(world(), context);
      await open(world(), one, number);
      await status(one, 'Hello', 'Delivered').waitFor();
      windows.push(one);
      // A browser has six connections.
      if (count % 4 === 3) await until('one has a stream', () => streams().length === 1);
    }
    await world().reply(number, 'To all windows');
    for (const one of windows) await bubble(one, 'To all windows').waitFor();
    const [leader] = streams();
    assert.ok(leader);
    await Promise.all([leader.waitForEvent('close'), leader.close({ runBeforeUnload: true })]);
    const left = windows.filter((one) => one !== leader);
    await until('another one has it', () => streams().length === 1);
    await world().reply(number, 'To those that are left');
    for (const one of left) await bubble(one, 'To those that are left').waitFor();
    await context.close();
  });

  test('a tab that leads and sleeps is replaced by one that is looked at', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const other = await another(world(), page);
    await open(world(), other, number);
    await status(other, 'Hello', 'Delivered').waitFor();
    // What a browser does to a tab that nobody looks at.
    const debuggee = await page.context().newCDPSession(page);
    await debuggee.send('Page.setWebLifecycleState', { state: 'frozen' });
    await other.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await write(other, 'Who sends this?');
    await status(other, 'Who sends this?', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    await page.context().close();
  });
}
