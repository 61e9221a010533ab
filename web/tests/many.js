import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { another, bubble, open, status, talk, write } from './people.js';

/** @import { World } from './harness.js' */

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
