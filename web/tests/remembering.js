import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { age, api, familiar, forgets, moved, openUnanswered, remembered, remembers, row } from './familiar.js';
import { axeSource, until } from './harness.js';
import { another, bubble, editor, schedule, shown, status, write } from './people.js';

/** @import { World } from './harness.js' */

/** What readers hardly notice. */
const CALM = 0.05;

/** @param {() => World} world */
export function remembering(world) {
  test('a later visit shows the list and a thread without a network, with their age, until the server has answered', async () => {
    const { page, context, number, token } = await familiar(world(), { serviceWorkers: 'allow' });
    await api(world(), token, `contacts/${number}`, { method: 'PUT', body: JSON.stringify({ name: 'Anna Beck' }) });
    await page.reload();
    await row(page).getByText('Anna Beck').waitFor();
    await remembers(page, 'list', ['Anna Beck']);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const later = await another(world(), context);
    await page.close();
    await context.setOffline(true);
    await later.goto(world().url);
    await row(later).getByText('Anna Beck').waitFor();
    await row(later).getByText('Hello').waitFor();
    await age(later).list.getByText(/^You are offline: as of \d\d:\d\d$/).waitFor();
    await row(later).click();
    await status(later, 'Hello', 'Delivered').waitFor();
    await age(later).thread.getByText(/^You are offline: as of/).waitFor();
    await later.getByRole('heading', { name: 'Anna Beck' }).waitFor();
    await looker(later, await axeSource())('what was there the last time');
    // Nothing can be done with what may be another by now.
    assert.equal(await bubble(later, 'Hello').getByRole('button').first().isDisabled(), true);
    await write(later, 'Written meanwhile');
    await status(later, 'Written meanwhile', 'Waiting for the connection').waitFor();
    await context.setOffline(false);
    await status(later, 'Written meanwhile', 'Delivered').waitFor();
    for (const sign of Object.values(age(later))) await sign.waitFor({ state: 'hidden' });
    assert.equal(await bubble(later, 'Hello').getByRole('button').first().isDisabled(), false);
    assert.equal(await bubble(later, 'Hello').count(), 1);
    assert.equal((await world().at(number)).length, 2);
    await context.close();
  });

  test('what was deleted or became another elsewhere does so in its place, and is remembered no more', async () => {
    const { page, context, number, token } = await familiar(world());
    await write(page, 'A secret');
    await schedule(page, 'For later');
    await remembers(page, `thread ${number}`, ['A secret', 'For later', '"queued"']);
    /** @type {any[]} */
    const texts = await api(world(), token, `conversations/${encodeURIComponent(number)}`);
    const { username_hash: user } = await api(world(), token, 'me');
    const at = (/** @type {string} */ content) => `messages/${user}/${texts.find((text) => text.content === content).id}`;
    await page.close();
    await api(world(), token, at('A secret'), { method: 'DELETE' });
    await api(world(), token, `${at('For later')}/cancel`, { method: 'POST' });

    const later = await another(world(), context);
    const { answer, failed } = await openUnanswered(world(), later, `conversations/${number}`);
    await age(later).thread.getByText(/^As of .*connecting…$/).waitFor();
    await age(later).list.getByText(/^As of .*connecting…$/).waitFor();
    await bubble(later, 'A secret').waitFor();
    await status(later, 'For later', 'Scheduled for').waitFor();
    assert.deepEqual(failed, [], 'it is shown while it is asked for, and not when nobody has answered');
    answer();
    await bubble(later, 'A secret').waitFor({ state: 'detached' });
    await status(later, 'For later', 'Cancelled').waitFor();
    for (const sign of Object.values(age(later))) await sign.waitFor({ state: 'hidden' });
    await bubble(later, 'Hello').waitFor();
    await forgets(later, 'A secret');
    await remembers(later, `thread ${number}`, ['Hello', '"canceled"']);
    assert.ok((await moved(later)) < CALM, `it moves by ${await moved(later)}`);

    // In a page that has not opened the thread only the news of it can do that.
    await later.goto('about:blank');
    await Promise.all([later.waitForResponse('**/events'), later.goto(`${world().url}/#/`)]);
    await age(later).list.waitFor({ state: 'hidden' });
    await api(world(), token, at('For later'), { method: 'DELETE' });
    await forgets(later, 'For later');
    await remembers(later, `thread ${number}`, ['Hello']);
    await context.close();
  });

  test('a conversation that was deleted elsewhere is remembered no more', async () => {
    const { page, context, number, token } = await familiar(world());
    await page.close();
    await api(world(), token, `conversations/${encodeURIComponent(number)}`, { method: 'DELETE' });
    const later = await another(world(), context);
    const { answer } = await openUnanswered(world(), later, '');
    await row(later).getByText('Hello').waitFor();
    answer();
    await later.getByText('No conversations yet').waitFor();
    await forgets(later, 'Hello');
    await context.close();
  });

  test('nothing is marked as read, and no line is drawn, before the server has said what is unread', async () => {
    const { page, context, number, token } = await familiar(world());
    await page.goto(`${world().url}/#/`);
    await world().reply(number, 'One');
    await world().reply(number, 'Two');
    await remembers(page, 'list', ['Two']);
    await remembers(page, `thread ${number}`, ['One', 'Two']);
    await page.close();

    const later = await another(world(), context);
    const { answer, changes } = await openUnanswered(world(), later, `conversations/${number}`);
    await bubble(later, 'Two').waitFor();
    await age(later).thread.waitFor();
    await later.bringToFront();
    assert.equal(await later.getByRole('heading', { name: 'New messages' }).count(), 0);
    assert.doesNotMatch(await later.title(), /^\(/);
    const [listed] = await api(world(), token, 'conversations');
    assert.equal(listed.unread, 2);
    assert.deepEqual(changes, []);
    await world().reply(number, 'Three');
    answer();
    await later.getByRole('heading', { name: 'New messages' }).waitFor();
    await bubble(later, 'Three').waitFor();
    const below = await later.locator('.lines > .mark + .bubble .text').innerText();
    assert.equal(below, 'One');
    await until('the server has heard of it', async () => (await api(world(), token, 'conversations'))[0].unread === 0);
    await context.close();
  });

  test('whoever reads above what was remembered goes on there', async () => {
    const { page, context, number } = await familiar(world());
    for (let count = 1; count <= 30; count += 1) await world().reply(number, `text ${count}`);
    await remembers(page, `thread ${number}`, ['text 1"', 'text 30']);
    await page.close();
    const later = await another(world(), context);
    const { answer } = await openUnanswered(world(), later, `conversations/${number}`);
    await bubble(later, 'text 30').waitFor();
    await bubble(later, 'text 12').evaluate((element) => element.scrollIntoView());
    await later.getByRole('button', { name: 'The newest messages' }).waitFor();
    const before = await bubble(later, 'text 12').boundingBox();
    answer();
    await age(later).thread.waitFor({ state: 'hidden' });
    assert.ok((await moved(later)) < CALM);
    assert.deepEqual(await bubble(later, 'text 12').boundingBox(), before);
    await context.close();
  });

  test('what is remembered stays small', async () => {
    const { page, context, number } = await familiar(world());
    await page.evaluate(async () => {
      const user = JSON.parse(localStorage.getItem('mysms/login') ?? '{}').user;
      const request = indexedDB.open('mysms/kept');
      await new Promise((resolve) => (request.onsuccess = resolve));
      const transaction = request.result.transaction('remembered', 'readwrite');
      const store = transaction.objectStore('remembered');
      const others = Array.from({ length: 40 }, (_, place) => ({ number: `+1${place}`, at: Date.now() - place * 1000, messages: [{ id: '0', position: '0' }] }));
      for (const other of others) store.put(other, [user, `thread ${other.number}`]);
      store.put({ threads: Object.fromEntries(others.map((other) => [other.number, { at: other.at, last: '0' }])), gone: [] }, [user, 'index']);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      request.result.close();
    });
    for (let count = 1; count <= 60; count += 1) await world().reply(number, `text ${count}`);
    await remembers(page, `thread ${number}`, ['text 60']);
    const kept = await remembered(page);
    assert.equal(JSON.parse(kept[`thread ${number}`] ?? '').messages.length, 50);
    const threads = Object.keys(kept).filter((name) => name.startsWith('thread '));
    assert.equal(threads.length, 30);
    assert.ok(threads.includes('thread +10') && !threads.includes('thread +139'), 'those that were looked at last stay');
    await context.close();
  });

  test('a page that has begun already is loaded again for a new version, once, and shows what is told by then', async () => {
    const { page, context } = await familiar(world());
    await page.close();
    const later = await another(world(), context);
    let asked = 0;
    await later.route('**/client.json', async (route) => {
      asked += 1;
      const told = await (await route.fetch()).json();
      await route.fulfill({ json: { ...told, web: 'another', simulated: false } });
    });
    await later.goto(world().url);
    await until('it is asked twice', () => asked === 2);
    await row(later).getByText('Hello').waitFor();
    await age(later).list.waitFor({ state: 'hidden' });
    await later.getByText('No message leaves this computer.').waitFor({ state: 'detached' });
    assert.equal(asked, 2);
    await context.close();
  });

  test('a browser that keeps nothing starts all the same', async () => {
    const { page, context, number } = await familiar(world());
    await page.close();
    const later = await another(world(), context);
    await later.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('not here', 'SecurityError');
      };
    });
    await later.goto(`${world().url}/#/conversations/${number}`);
    await bubble(later, 'Hello').waitFor();
    await editor(later).waitFor();
    await row(later).getByText(shown(number)).waitFor();
    await context.close();
  });
}
