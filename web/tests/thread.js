import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { UNREACHABLE, ask, bubble, editor, newNumber, open, pressTwice, schedule, shown, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { Locator, Page } from 'playwright-core' */
/** @import { Message } from '../api/types.js' */
/** @import { World } from './harness.js' */

/** What may pretend to be a link, and what is one. */
const LINKS = /** @type {[text: string, links: string[]][]} */ ([
  ['See https://example.com/a?b=c#d.', ['https://example.com/a?b=c#d']],
  ['(https://example.com/a_(b)), right?', ['https://example.com/a_(b)']],
  ['http://example.com and www.example.com', []],
  ['javascript:alert(1) JAVASCRIPT:alert(1) data:text/html,x', []],
  ['https://bank.example@evil.example/', []],
  ['https://evil.example\u202e/moc.knab and more', ['https://evil.example/']],
  ['https://b\u0430nk.example/', []],
  ['https:// https://localhost https://[::1]/', []],
  ['https://example.com/"onclick="alert(1)', ['https://example.com/']],
  ['https://example.com/<b>x', ['https://example.com/']],
  ['Write to ada+news@example.com!', ['mailto:ada%2Bnews@example.com']],
  ['ada@example.com?bcc=eve@evil.example', ['mailto:ada@example.com']],
  ['..@example.com ada@.example.com ada@localhost', []],
  ['Call +1 (415) 555-0123, or +49 (0)30 901820.', ['#/conversations/+14155550123', '#/conversations/+4930901820']],
  ['+14155550123 2026 is a year', ['#/conversations/+14155550123']],
  ['0151 12345678, a+14155550123, +12, 1+14155550123', []],
]);

/** @param {() => World} world */
export function threads(world) {
  test('a conversation opens where the unread begins, and is read as it is seen, at a request for many', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/`);
    for (let count = 1; count <= 40; count += 1) await world().reply(number, `text ${count}`);
    await page.getByText('40 unread messages').waitFor({ state: 'attached' });
    let marked = 0;
    page.on('request', (request) => (marked += request.url().endsWith('/read') ? 1 : 0));
    await page.getByRole('link', { name: shown(number) }).click();
    await page.getByRole('heading', { name: 'New messages' }).waitFor();
    await inView(bubble(page, 'text 1'));
    assert.equal(await isInView(bubble(page, 'text 40')), false);
    await until('a part of it is read', async () => /^[1-3]\d unread/.test(await page.locator('.badge .unseen').innerText()));
    await page.getByRole('button', { name: /^\d+ new messages below$/ }).click();
    await inView(bubble(page, 'text 40'));
    await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    assert.ok(marked < 6, `${marked} requests`);
    await page.context().close();
  });

  test('a conversation with hundreds of unread texts opens where they begin, too', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/`);
    for (let count = 1; count <= 130; count += 1) await world().reply(number, `text ${count}`);
    // What the user sent by another program has not made them read.
    await sendMany(page, world().url, number, 100);
    for (let count = 131; count <= 250; count += 1) await world().reply(number, `text ${count}`);
    await page.getByText('250 unread messages').waitFor({ state: 'attached' });
    for (const open of [() => page.getByRole('link', { name: shown(number) }).click(), () => page.reload()]) {
      await open();
      await page.getByRole('heading', { name: 'New messages' }).waitFor();
      await until('a text is in view', async () => (await firstInView(page)) !== null);
      // What could be seen before the page was loaded again is read.
      assert.match((await firstInView(page)) ?? '', /^(Hello|text \d{1,2})$/);
      assert.equal(await isInView(bubble(page, 'text 250')), false);
    }
    await page.getByRole('button', { name: /^2\d\d new messages below$/ }).click();
    await inView(bubble(page, 'text 250'));
    await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('what is loaded above has no gap and stays where it was, however much became read', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'For later');
    await page.goto(`${world().url}/#/`);
    await sendMany(page, world().url, number, 190);
    for (let count = 1; count <= 20; count += 1) await world().reply(number, `answer ${count}`);
    await page.getByText('20 unread messages').waitFor({ state: 'attached' });
    await page.reload();
    await open(world(), page, number);
    await inView(bubble(page, 'answer 1'));
    await page.getByRole('button', { name: /^\d+ new messages below$/ }).click();
    await inView(bubble(page, 'answer 20'));
    await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    await changeOld(page, world().url, number);
    await bubble(page, 'answer 19').waitFor();
    assert.equal(await bubble(page, 'For later').count(), 0, 'it is outside what is shown');
    const all = (await asked(page, `${world().url}/conversations/${number}`)).map((/** @type {Message} */ { content }) => content);
    const seen = new Set();
    const earlier = page.locator('button', { hasText: 'Load earlier messages' });
    // Whoever is at the top loads what is earlier as well, so the button may be gone at any time.
    const isFocused = () => earlier.evaluate((button) => (button.focus(), document.activeElement === button));
    const first = () => page.locator('.bubble').first().getAttribute('data-id');
    while (await isFocused()) {
      for (const text of await contiguous(page, all)) seen.add(text);
      const top = await first();
      await page.keyboard.press('Enter');
      await until('there is more above', async () => !(await earlier.isVisible()) || (await first()) !== top);
      assert.ok((await page.locator('.bubble').count()) <= 201);
    }
    await page.getByText('Earlier messages are shown.').waitFor({ state: 'attached' });
    for (const text of await contiguous(page, all)) seen.add(text);
    assert.equal(seen.size, 212);
    await status(page, 'For later', 'Cancelled').waitFor();
    // And down again by scrolling.
    await page.getByRole('log').focus();
    await until('the end is there again', async () => {
      await page.keyboard.press('End');
      return isInView(bubble(page, 'answer 20'));
    });
    await page.context().close();
  });

  test('scrolling up loads what is earlier by itself', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await sendMany(page, world().url, number, 160);
    await open(world(), page, number);
    await inView(bubble(page, 'text 160'));
    assert.equal(await bubble(page, 'Hello').count(), 0);
    await page.getByRole('log').focus();
    await until('the beginning is there', async () => {
      await page.keyboard.press('PageUp');
      return isInView(bubble(page, 'Hello'));
    });
    await page.context().close();
  });

  test('a link to a text leads there, and on from there to both ends', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await sendMany(page, world().url, number, 190);
    /** @type {Message[]} */
    const all = await asked(page, `${world().url}/conversations/${number}`);
    const { id } = /** @type {Message} */ (all.find(({ content }) => content === 'text 60'));
    const follow = async () => {
      await page.goto('about:blank');
      await page.goto(`${world().url}/#/conversations/${number}?at=${id}`);
      await inView(bubble(page, 'text 60'));
    };
    const press = (/** @type {string} */ key, /** @type {string} */ text) => until(`${text} is there`, async () => {
      await page.keyboard.press(key);
      return isInView(bubble(page, text));
    });
    await follow();
    assert.ok(await bubble(page, 'text 60').evaluate((element) => element === document.activeElement), 'reading goes on there');
    assert.equal(await bubble(page, 'text 190').count(), 0);
    await page.getByRole('log').focus();
    await press('PageUp', 'Hello');
    await press('End', 'text 190');
    await page.getByRole('button', { name: /below$|newest/ }).waitFor({ state: 'hidden' });

    await follow();
    await world().reply(number, 'An answer');
    await page.getByText('1 unread message').waitFor({ state: 'attached' });
    assert.equal(await bubble(page, 'An answer').count(), 0, 'it stands where it came');
    await page.getByRole('button', { name: '1 new message below' }).click();
    await inView(bubble(page, 'An answer'));
    await follow();
    await write(page, 'Written now');
    await status(page, 'Written now', 'Delivered').waitFor();
    await inView(bubble(page, 'Written now'));
    await page.context().close();
  });

  test('a link to a text that is gone leads to the end, and says so', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.goto('about:blank');
    await page.goto(`${world().url}/#/conversations/${number}?at=01890a5d-ac96-774b-bcce-b302099a8057`);
    await page.locator('#polite').getByText('That message was deleted.').waitFor({ state: 'attached' });
    await inView(bubble(page, 'Hello'));
    await page.context().close();
  });

  test('what comes while somebody reads above is announced, counted, and read once it is seen', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await sendMany(page, world().url, number, 40);
    await inView(bubble(page, 'text 40'));
    await page.getByRole('log').focus();
    await until('it is above', async () => {
      await page.keyboard.press('PageUp');
      return !(await isInView(bubble(page, 'text 40')));
    });
    await world().reply(number, 'Down here');
    await page.locator('#polite').getByText(`New message from ${shown(number)}: Down here`).waitFor({ state: 'attached' });
    await page.getByText('1 unread message').waitFor({ state: 'attached' });
    assert.equal(await isInView(bubble(page, 'Down here')), false);
    await page.getByRole('button', { name: '1 new message below' }).click();
    await inView(bubble(page, 'Down here'));
    await page.locator('.badge:visible').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: /below$/ }).waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('a text that arrives in the open conversation is read out once, with its author', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.evaluate(() => {
      const region = /** @type {HTMLElement} */ (document.getElementById('polite'));
      const heard = /** @type {string[]} */ ((/** @type {any} */ (globalThis).heard = []));
      new MutationObserver(() => region.textContent && heard.push(region.textContent)).observe(region, { childList: true });
    });
    await world().reply(number, 'Hello yourself');
    await bubble(page, 'Hello yourself').waitFor();
    const heard = () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).heard).filter((text) => text.includes('Hello yourself')));
    await until('it was read out', async () => (await heard()).length > 0);
    assert.deepEqual(await heard(), [`New message from ${shown(number)}: Hello yourself`]);
    assert.equal(await page.getByRole('log').getAttribute('aria-live'), 'off', 'the log would read it out a second time');
    await page.context().close();
  });

  test('texts of one minute share a line for their time, and each says it to a screen reader', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    for (const text of ['One', 'Two', 'Three']) await world().reply(number, text);
    await bubble(page, 'Three').waitFor();
    // The minute may be over once in between.
    await until('two are joined', async () => (await page.locator('.bubble.theirs.joined').count()) > 0);
    assert.equal(await bubble(page, 'Three').evaluate((element) => element.classList.contains('joined')), false);
    for (const text of ['One', 'Two', 'Three']) assert.match(await bubble(page, text).locator('.meta').innerText(), /^\d\d:\d\d/);
    await write(page, 'Four');
    await write(page, 'Five');
    await write(page, 'Six');
    for (const text of ['Four', 'Five', 'Six']) await status(page, text, 'Delivered').waitFor();
    const tick = page.locator('.bubble.ours.joined .tick').last();
    assert.equal(await tick.getAttribute('title'), 'Delivered');
    await page.context().close();
  });

  test('addresses and numbers are links, and nothing else is', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    for (const [text, links] of LINKS) {
      await world().reply(number, text);
      await bubble(page, text).waitFor();
      const found = await bubble(page, text).locator('.text a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
      assert.deepEqual(found, links, text);
    }
    const link = bubble(page, 'See https://example.com/a?b=c#d.').locator('.text a');
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow');
    assert.equal(await link.innerText(), 'https://example.com/a?b=c#d');
    await page.getByRole('link', { name: '+49 (0)30 901820' }).click();
    await page.getByRole('heading', { name: shownAbroad }).waitFor();
    await page.context().close();
  });

  test('the words of a text are copied', async () => {
    const page = await world().tab({ permissions: ['clipboard-read', 'clipboard-write'] });
    await talk(world(), page);
    await bubble(page, 'Hello').getByRole('button').click();
    await page.getByRole('button', { name: 'Copy text' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'Hello');
    await page.context().close();
  });

  test('what failed is sent again as a text of its own, after a question', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: number, times: 1 });
    await open(world(), page, number);
    await write(page, 'Are you there?');
    await status(page, 'Are you there?', 'Not delivered').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText(`to ${shown(number)} as a new message`).waitFor();
    await page.getByRole('button', { name: 'Do not send' }).click();
    assert.equal((await world().at(number)).length, 1);
    await bubble(page, 'Are you there?').getByRole('button', { name: /^Details/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('dialog', { name: 'Send this message again?' }).getByRole('button', { name: 'Send again' }).click();
    await status(page, 'Are you there?', /^Delivered$/).waitFor();
    assert.equal(await bubble(page, 'Are you there?').count(), 2);
    assert.equal(await page.getByRole('button', { name: 'Send again' }).count(), 1);
    assert.deepEqual((await world().at(number)).map((text) => text.body), ['Are you there?', 'Are you there?']);
    await page.context().close();
  });

  test('what is sent again is asked once, however often it is pressed, and keeps what a program had noted', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: number, times: 1 });
    const noted = { reference: 'order 7', tags: { campaign: 'Spring', lot: '3' }, class: 'bulk' };
    const first = await ask(world(), page, 'messages', { recipient: number, content: 'Your order', ...noted });
    await open(world(), page, number);
    await status(page, 'Your order', 'Not delivered').waitFor();
    // It takes a while until the server has said what it thinks of it.
    let asked = 0;
    let answer = () => {};
    const answered = new Promise((/** @type {(value: void) => void} */ resolve) => (answer = resolve));
    await page.route('**/messages/preview', async (route) => {
      asked += 1;
      await answered;
      await route.continue();
    });
    const again = page.getByRole('button', { name: 'Send again' });
    await pressTwice(again);
    await bubble(page, 'Your order').getByRole('button', { name: /^Details/ }).click();
    await pressTwice(page.getByRole('dialog').getByRole('button', { name: 'Send again' }));
    await until('it was asked', () => asked > 0);
    answer();
    const question = page.getByRole('dialog', { name: 'Send this message again?' });
    await question.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await status(page, 'Your order', /^Delivered$/).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.equal(asked, 1);
    assert.equal((await world().at(number)).length, 2);
    const all = (await ask(world(), page, 'messages')).filter((/** @type {any} */ { recipient }) => recipient === number);
    const sent = all.find((/** @type {any} */ { id }) => id !== first.id);
    assert.equal(all.length, 2);
    assert.deepEqual({ reference: sent.reference, tags: sent.tags, class: sent.class }, noted);
    await page.context().close();
  });

  test('whoever has said to whom a text goes writes it next', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await page.getByRole('link', { name: 'New message' }).first().click();
    await page.getByLabel('To', { exact: true }).waitFor();
    await page.keyboard.type(number);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Hi there, you');
    assert.equal(await editor(page).inputValue(), 'Hi there, you');
    await page.keyboard.press('Enter');
    await status(page, 'Hi there, you', 'Delivered').waitFor();
    await page.context().close();
  });
}

const shownAbroad = '+49\u00a03090\u00a01820';

/** Whether a part of it can be seen without scrolling. @param {Locator} element */
async function isInView(element) {
  if ((await element.count()) === 0) return false;
  return element.evaluate((one) => {
    const [{ top, bottom }, frame] = [one.getBoundingClientRect(), /** @type {Element} */ (one.closest('.scroll')).getBoundingClientRect()];
    return top < frame.bottom && bottom > frame.top;
  });
}

/** What the first message says that can be seen. @param {Page} page @returns {Promise<string | null>} */
const firstInView = (page) =>
  page.evaluate(() => {
    const top = document.querySelector('.talk')?.getBoundingClientRect().top ?? 0;
    const first = [...document.querySelectorAll('.bubble')].find((one) => one.getBoundingClientRect().bottom > top);
    return first?.querySelector('.text')?.textContent ?? null;
  });

/** @param {Locator} element */
export const inView = (element) => until('it is in view', () => isInView(element));

/** The texts that are shown, which are a part of all without a gap. @param {Page} page @param {string[]} all */
async function contiguous(page, all) {
  const texts = await page.locator('.bubble .text').allTextContents();
  const from = all.indexOf(texts[0] ?? '');
  assert.deepEqual(texts, all.slice(from, from + texts.length));
  return texts;
}

/** @param {Page} page @param {string} path @param {RequestInit} [init] */
async function asked(page, path, init) {
  const answer = await fetch(path, { ...init, headers: { Authorization: `Bearer ${await tokenOf(page)}` } });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return /** @type {Promise<any>} */ (answer.json());
}

/** Another program takes back the oldest text that waits. @param {Page} page @param {string} url @param {string} number */
async function changeOld(page, url, number) {
  const [waiting] = await asked(page, `${url}/messages?status=queued&recipient=${encodeURIComponent(number)}`);
  const { username_hash: user } = await asked(page, `${url}/me`);
  await asked(page, `${url}/messages/${user}/${waiting.id}/cancel`, { method: 'POST' });
}

/** Writes texts; they are to be sent tomorrow, so nothing becomes of them. @param {Page} page @param {string} url @param {string} number @param {number} count */
async function sendMany(page, url, number, count) {
  const later = { recipient: number, send_at: new Date(Date.now() + 86_400_000).toISOString() };
  const messages = Array.from({ length: count }, (_, place) => ({ ...later, content: `text ${place + 1}` }));
  await asked(page, `${url}/messages/batch`, { method: 'POST', body: JSON.stringify({ messages }) });
}
