import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { ask, bubble, editor, logIn, open, shown, talk, tokenOf } from './people.js';
import { inView } from './thread.js';

/** @import { Message } from '../api/types.js' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function reading(world) {
  test('what came before a text of ours went out is read, although that was written earlier', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/`);
    const soon = new Date(Date.now() + 4000).toISOString();
    await ask(world(), page, 'messages', { recipient: number, content: 'See you at eight', send_at: soon });
    await world().reply(number, 'When do we meet?');
    await page.getByText('1 unread message').waitFor({ state: 'attached' });
    const stands = async () => (await ask(world(), page, `conversations/${number}`)).map((/** @type {Message} */ { content }) => content);
    // The page knows that it has gone out.
    await page.locator('.side .row').filter({ hasText: 'You: See you at eight' }).waitFor();
    assert.deepEqual(await stands(), ['Hello', 'When do we meet?', 'See you at eight']);
    await page.getByRole('link', { name: shown(number) }).click();
    await inView(bubble(page, 'See you at eight'));
    await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    const unread = async () => (await ask(world(), page, 'conversations'))[0].unread;
    await until('the server knows', async () => (await unread()) === 0);
    await page.context().close();
  });

  test('what was read is marked as soon as the server can, though it was too busy at first', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/`);
    let refused = 0;
    await page.route('**/conversations/*/read', (route) => (refused++ < 2 ? route.fulfill({ status: 503 }) : route.continue()));
    await world().reply(number, 'Are you there?');
    await page.getByText('1 unread message').waitFor({ state: 'attached' });
    await page.getByRole('link', { name: shown(number) }).click();
    await inView(bubble(page, 'Are you there?'));
    await until('the server knows', async () => (await ask(world(), page, 'conversations'))[0].unread === 0);
    assert.equal(refused, 3);
    await page.context().close();
  });

  test('five hundred unread texts are marked as read at one request, and devices are told once', async () => {
    const page = await world().tab();
    const { name, number } = await talk(world(), page);
    const device = await world().tab();
    await logIn(world(), device, name);
    for (const tab of [page, device]) await tab.goto(`${world().url}/#/`);
    for (let count = 1; count <= 500; count += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, place) => world().reply(number, `text ${count + place}`)));
    }
    for (const tab of [page, device]) await tab.getByText('500 unread messages').waitFor({ state: 'attached' });
    const events = await listen(world().url, await tokenOf(device));
    let marked = 0;
    page.on('request', (request) => (marked += request.url().endsWith('/read') ? 1 : 0));
    await page.getByRole('navigation').getByRole('button', { name: `Actions for ${shown(number)}` }).click();
    await page.getByRole('button', { name: 'Mark as read' }).click();
    for (const tab of [page, device]) await tab.locator('.badge:visible').waitFor({ state: 'hidden' });
    assert.equal(marked, 1);
    // What is told next is behind all that was told of these.
    await world().reply(number, 'The last one');
    await until('it is told', () => events.told.some((event) => event.includes('The last one')));
    assert.equal(events.told.filter((event) => event.startsWith('event: conversation.read')).length, 1);
    // That they came in may still be told, but of none that it was read.
    assert.deepEqual(events.told.filter((event) => event.startsWith('event: message') && event.includes('"unread":false')), []);
    events.stop();
    for (const tab of [page, device]) await tab.context().close();
  });

  test('a letter that is written touches nothing of five thousand texts, few of which are in the page', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
    // No page is told of each of them.
    await page.goto('about:blank');
    const later = { recipient: number, send_at: new Date(Date.now() + 86_400_000).toISOString() };
    for (let sent = 0; sent < 5000; sent += 500) {
      const messages = Array.from({ length: 500 }, (_, place) => ({ ...later, content: `text ${sent + place + 1}` }));
      const answer = await fetch(`${world().url}/messages/batch`, { method: 'POST', headers, body: JSON.stringify({ messages }) });
      assert.equal(answer.status, 200);
    }
    await open(world(), page, number);
    await inView(bubble(page, 'text 5000'));
    // As many as are ever in the page.
    await until('much was read', async () => {
      if ((await page.locator('.bubble').count()) > 150) return true;
      await page.getByRole('log').evaluate((scroll) => void (scroll.scrollTop = 0));
      return false;
    });
    await editor(page).fill('Dear');
    await until('nothing moves any more', () => page.evaluate(isStill));
    assert.ok((await page.locator('.bubble').count()) <= 200);
    await page.evaluate(watchWork);
    await editor(page).pressSequentially(' all of you');
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).work), { changed: [], asked: 0 });
    assert.equal(await editor(page).inputValue(), 'Dear all of you');
    await page.context().close();
  });
}

/** In a page: whether what is shown of a thread stays as it is for some frames. */
async function isStill() {
  const state = () => `${document.querySelectorAll('.bubble').length} ${document.querySelector('.talk')?.scrollTop}`;
  const before = state();
  for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
  return state() === before;
}

/** In a page: notes what changes in it beside where a text is written, and what is measured in the thread. */
function watchWork() {
  const work = ((/** @type {any} */ (globalThis)).work = { changed: /** @type {string[]} */ ([]), asked: 0 });
  const isOfComposer = (/** @type {Node} */ node) => (node instanceof Element ? node : node.parentElement)?.closest('.composer, #polite') != null;
  new MutationObserver((changes) => {
    for (const { type, target } of changes) if (!isOfComposer(target)) work.changed.push(`${type} ${target.nodeName}`);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  const { getBoundingClientRect } = Element.prototype;
  Element.prototype.getBoundingClientRect = function () {
    if (this.closest('.talk, .rows')) work.asked += 1;
    return getBoundingClientRect.call(this);
  };
}

/** What a stream tells a user. @param {string} url @param {string} token */
async function listen(url, token) {
  const over = new AbortController();
  const answer = await fetch(`${url}/events`, { headers: { Authorization: `Bearer ${token}` }, signal: over.signal });
  /** @type {string[]} */
  const told = [];
  const read = async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const part of /** @type {ReadableStream<Uint8Array>} */ (answer.body)) {
      const blocks = (text + decoder.decode(part, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      told.push(...blocks);
    }
  };
  read().catch(() => {});
  await until('it is ready', () => told.some((event) => event.startsWith('event: ready')));
  return { told, stop: () => over.abort() };
}
