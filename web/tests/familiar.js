import assert from 'node:assert/strict';

import { until } from './harness.js';
import { PASSWORD, countMoves, newName, newNumber, open, status, tokenOf, write } from './people.js';

/** @import { BrowserContextOptions, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {Page} page */
export const row = (page) => page.getByRole('navigation').locator('.row');

/** What says of when the list is, and the thread. @param {Page} page */
export const age = (page) => ({ list: page.locator('.side > .as-of'), thread: page.locator('.talk-frame > .as-of') });

/** @param {World} world @param {string} token @param {string} path @param {RequestInit} [how] */
export async function api(world, token, path, how = {}) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${world.url}/${path}`, { ...how, headers });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** A user who stays logged in here, and has a conversation that this browser remembers. @param {World} world @param {BrowserContextOptions} [options] */
export async function familiar(world, options) {
  const page = await world.tab(options);
  await page.goto(`${world.url}/#/signup`);
  const name = newName();
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Keep me logged in on this device').check();
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('No conversations yet').waitFor();
  const number = newNumber();
  await open(world, page, number);
  await write(page, 'Hello');
  await status(page, 'Hello', 'Delivered').waitFor();
  await remembers(page, 'list', ['delivered']);
  await remembers(page, `thread ${number}`, ['Hello', 'delivered']);
  return { page, context: page.context(), name, number, token: await tokenOf(page) };
}

/** What this browser remembers of anybody, by its name. @param {Page} page @returns {Promise<Record<string, string>>} */
export const remembered = (page) =>
  page.evaluate(async () => {
    /** @type {IDBDatabase} */
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open('mysms/kept');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const store = database.transaction('remembered').objectStore('remembered');
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()].map((request) => new Promise((/** @type {(all: any[]) => void} */ resolve) => {
      request.onsuccess = () => resolve(request.result);
    })));
    database.close();
    return Object.fromEntries((keys ?? []).map((key, place) => [key[1], JSON.stringify(values?.[place])]));
  });

/** @param {Page} page @param {string} name @param {string[]} what */
export const remembers = (page, name, what) =>
  until(`${name} has ${what}`, async () => {
    const text = (await remembered(page))[name] ?? '';
    return what.every((part) => text.includes(part));
  });

/** @param {Page} page @param {string} text */
export const forgets = (page, text) => until(`nothing is kept of ${text}`, async () => !JSON.stringify(await remembered(page)).includes(text));

/** What a page does that is left. @param {Page} page */
export const leave = (page) => page.evaluate(() => void dispatchEvent(new Event('pagehide')));

/** Opens a page whose questions are answered only once that is asked for. @param {World} world @param {Page} page @param {string} place */
export async function openUnanswered(world, page, place) {
  let answer = () => {};
  const asked = new Promise((resolve) => (answer = () => resolve(null)));
  /** @type {string[]} */
  const changes = [];
  page.on('request', (request) => request.method() === 'PUT' && changes.push(request.url()));
  /** @type {string[]} */
  const failed = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  await countMoves(page);
  await page.route(/\/(session\/refresh|client\.json|conversations|messages|me|senders|contacts|events)\b[^.]*(\.json)?$/, async (route) => {
    await asked;
    await route.continue().catch(() => {});
  });
  await page.goto(`${world.url}/#/${place}`);
  return { answer, changes, failed };
}

/** By how much what stayed has moved. @param {Page} page @returns {Promise<number>} */
export const moved = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(/** @type {any} */ (globalThis).moved)))));
