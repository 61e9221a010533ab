import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { another, bubble, markAllRead, open, shown, signUp, talk } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function notices(world) {
  test('whoever wants it is told of a text once, by a notification that opens it, and only while no tab is looked at', async () => {
    const page = await world().tab({ permissions: ['notifications'] });
    await page.context().addInitScript(record);
    const { number } = await talk(world(), page);
    const other = await another(world(), page);
    await open(world(), other, number);
    await page.goto(`${world().url}/#/`);
    const hint = page.getByRole('region', { name: 'Notifications' });
    assert.equal(await hint.isVisible(), false);
    await world().reply(number, 'First');
    await bubble(other, 'First').waitFor();
    await hint.getByRole('button', { name: 'Turn on' }).click();
    await hint.waitFor({ state: 'hidden' });

    // A tab is in front, so nothing more has to say it.
    await world().reply(number, 'Second');
    await bubble(other, 'Second').waitFor();
    for (const tab of [page, other]) await tab.evaluate(() => Object.assign(globalThis, { isInFront: false }));
    await world().reply(number, 'Third');
    await until('it is told', async () => (await told([page, other])).length > 0);
    await world().reply(number, 'Fourth');
    await until('the next one, too', async () => (await told([page, other])).length > 1);
    // Others may see the screen, so what was written is not shown unless the user says so.
    assert.deepEqual((await told([page, other])).map(({ title, body }) => `${title}: ${body}`), Array(2).fill(`${shown(number)}: New message`));

    await page.evaluate(() => /** @type {any} */ (globalThis).notices?.[0]?.onclick());
    await other.evaluate(() => /** @type {any} */ (globalThis).notices?.[0]?.onclick());
    await bubble((await toldBy(page)).length ? page : other, 'Fourth').waitFor();
    // Without a service worker the page closes what it has shown.
    for (const tab of [page, other]) await tab.goto(`${world().url}/#/account`);
    await world().reply(number, 'Fifth');
    await until('it is told again', async () => (await told([page, other])).length > 2);
    await markAllRead(world(), page, number);
    await until('it is closed', async () => (await closed([page, other])).includes(2));
    await page.context().close();
  });

  test('whoever wants to be told nothing is asked once, and can change that', async () => {
    const page = await world().tab({ permissions: ['notifications'] });
    await page.context().addInitScript(record);
    const { number } = await talk(world(), page);
    await world().reply(number, 'First');
    await page.getByRole('region', { name: 'Notifications' }).getByRole('button', { name: 'Not now' }).click();
    await page.reload();
    await page.evaluate(() => Object.assign(globalThis, { isInFront: false }));
    await world().reply(number, 'Second');
    await bubble(page, 'Second').waitFor();
    assert.equal(await page.getByRole('region', { name: 'Notifications' }).isVisible(), false);

    await page.goto(`${world().url}/#/account`);
    await page.getByLabel('Notify me of messages').check();
    await page.getByLabel('Show the beginning').check();
    await world().reply(number, 'Third');
    await until('it is told', async () => (await toldBy(page)).length > 0);
    assert.deepEqual((await toldBy(page)).map(({ body }) => body), ['Third']);
    await page.context().close();
  });

  test('nobody is asked on their own, and where a browser forbids it the page says so', async () => {
    const page = await world().tab();
    await page.context().addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
    await signUp(world(), page);
    await page.goto(`${world().url}/#/account`);
    await page.getByText('This browser blocks notifications from this page.').waitFor();
    assert.equal(await page.getByLabel('Notify me of messages').isDisabled(), true);
    await page.context().close();
  });

  test('the icon of the page says how many texts are unread', async () => {
    const page = await world().tab();
    await page.context().addInitScript(() => {
      navigator.setAppBadge = (count) => Promise.resolve(void Object.assign(globalThis, { badge: count }));
    });
    const { number } = await talk(world(), page);
    await page.goto(`${world().url}/#/new`);
    await world().reply(number, 'Are you there?');
    const badge = () => page.evaluate(() => /** @type {any} */ (globalThis).badge);
    await until('it is counted', async () => (await badge()) === 1);
    assert.match(await page.title(), /^\(1\) /);
    await open(world(), page, number);
    await until('it is read', async () => (await badge()) === 0);
    await page.context().close();
  });
}

/** Notes notifications instead of showing them, and lets a test say whether the page is in front. */
function record() {
  const world = /** @type {any} */ (globalThis);
  world.notices = [];
  world.isInFront = true;
  document.hasFocus = () => world.isInFront;
  let permission = 'default';
  world.Notification = class {
    static get permission() {
      return permission;
    }

    static async requestPermission() {
      permission = 'granted';
      return permission;
    }

    /** @param {string} title @param {object} options */
    constructor(title, options) {
      Object.assign(this, { title }, options);
      world.notices.push(this);
    }

    close() {
      this.isClosed = true;
    }
  };
}

/** @param {Page} page @returns {Promise<{title: string, body: string}[]>} */
const toldBy = (page) => page.evaluate(() => /** @type {any} */ (globalThis).notices.map((/** @type {any} */ one) => ({ title: one.title, body: one.body })));

/** Which of those that a tab has shown are closed. @param {Page[]} pages @returns {Promise<number[]>} */
const closed = async (pages) =>
  (await Promise.all(pages.map((page) => page.evaluate(() => /** @type {any[]} */ (/** @type {any} */ (globalThis).notices).flatMap(({ isClosed }, place) => (isClosed ? [place] : [])))))).flat();

/** @param {Page[]} pages */
const told = async (pages) => (await Promise.all(pages.map(toldBy))).flat();
