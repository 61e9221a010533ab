/** @import { BrowserContext, Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** Long enough to be hashed, and nobody's. */
export const PASSWORD = 'correct horse battery staple';

/** What the simulator does to a phone that is switched off. */
export const UNREACHABLE = { kind: 'outcome', status: 'undelivered', code: 30003 };

/** A message that means harm, and where it would show. */
export const SCRIPT = '<img src=x onerror=alert(1)><script>alert(2)</script> &amp; <b>bold</b>';
export const MARKUP = ':is(.talk, .side) :is(img, script, b)';

let people = 0;
let numbers = 0;

/** @returns {string} a name that nobody has */
export function newName() {
  people += 1;
  return `ada_${process.pid}_${people}`;
}

/** @returns {string} a number that nobody wrote to */
export function newNumber() {
  numbers += 1;
  const [hundreds, rest] = [Math.floor(numbers / 100), numbers % 100];
  return `+1415${555 + hundreds}${[process.pid % 100, rest].map((part) => String(part).padStart(2, '0')).join('')}`;
}

/** @param {string} number @returns {string} as the page shows it */
export const shown = (number) => number.replace(/^\+1(...)(...)(....)$/, '+1\u00a0$1\u00a0$2\u00a0$3');

/** Signs up somebody new. @param {World} world @param {Page} page @param {string} [name] */
export async function signUp(world, page, name = newName()) {
  await page.goto(`${world.url}/#/signup`);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('No conversations yet').waitFor();
  return name;
}

/** @param {World} world @param {Page} page @param {string} name */
export async function logIn(world, page, name) {
  await page.goto(`${world.url}/#/login`);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Messages', exact: true }).waitFor();
}

/** Another tab of the same browser. @param {World} world @param {Page | BrowserContext} there @returns {Promise<Page>} */
export async function another(world, there) {
  const page = await ('context' in there ? there.context() : there).newPage();
  world.watch(page);
  return page;
}

/** @param {World} world @param {Page} page @param {string} number */
export async function open(world, page, number) {
  await page.goto(`${world.url}/#/conversations/${number}`);
  await editor(page).waitFor();
}

/** Where a text is written. @param {Page} page */
export const editor = (page) => page.getByRole('textbox', { name: /^Message/ });

/** Writes and sends a text, and waits for nothing. @param {Page} page @param {string} text */
export async function write(page, text) {
  await editor(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Has a text sent later. @param {Page} page @param {string} text */
export async function schedule(page, text) {
  await page.getByRole('button', { name: 'Send later' }).click();
  await editor(page).fill(text);
  await page.getByRole('button', { name: 'Schedule' }).click();
  await status(page, text, 'Scheduled for').waitFor();
}

/** A message of the thread by its text. @param {Page} page @param {string} text */
export const bubble = (page, text) =>
  page.locator('.bubble').filter({ has: page.locator('.text').getByText(text, { exact: true }) });

/** @param {Page} page @param {string} text @param {string | RegExp} status */
export const status = (page, text, status) => bubble(page, text).locator('.meta').getByText(status);

/** A user who has a conversation with a number. @param {World} world @param {Page} page */
export async function talk(world, page) {
  const name = await signUp(world, page);
  const number = newNumber();
  await open(world, page, number);
  await write(page, 'Hello');
  await status(page, 'Hello', 'Delivered').waitFor();
  return { name, number };
}

/** The token of this tab. @param {Page} page @returns {Promise<string>} */
export const tokenOf = (page) =>
  page.evaluate(() => JSON.parse(sessionStorage.getItem('mysms/session') ?? '{}').token);

/** Asks the API as the user of this tab. @param {World} world @param {Page} page @param {string} path @param {object} [body] @param {string} [method] @returns {Promise<any>} */
export async function ask(world, page, path, body, method = body ? 'POST' : 'GET') {
  const headers = { Authorization: `Bearer ${await tokenOf(page)}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${world.url}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Marks a conversation as read, as another device does. @param {World} world @param {Page} page @param {string} number */
export async function markAllRead(world, page, number) {
  const headers = { Authorization: `Bearer ${await tokenOf(page)}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${world.url}/conversations/${encodeURIComponent(number)}/read`, { method: 'PUT', headers, body: '{}' });
  if (!answer.ok) throw new Error(`read: ${answer.status}`);
}

/** Whether something is there soon. @param {import('playwright-core').Locator} what @returns {Promise<boolean>} */
export const appears = (what) => what.waitFor({ timeout: 2000 }).then(
  () => true,
  () => false,
);

/** Presses twice before anything can come of the first press. @param {import('playwright-core').Locator} button */
export const pressTwice = (button) =>
  button.evaluate((/** @type {HTMLElement} */ one) => {
    one.click();
    one.click();
  });

/** Ends the token of this tab, as time would. @param {World} world @param {Page} page */
export async function endToken(world, page) {
  const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
  const answer = await fetch(`${world.url}/logout`, { method: 'POST', headers });
  if (!answer.ok) throw new Error(`logout: ${answer.status}`);
}

/** Counts what the page asks the API about texts that it does not send. @param {Page} page */
export function dryRuns(page) {
  let [asked, answers] = [0, 0];
  const isOne = (/** @type {{url: () => string}} */ request) => request.url().endsWith('/messages/preview');
  page.on('request', (request) => isOne(request) && (asked += 1));
  page.on('response', (response) => isOne(response) && (answers += 1));
  return { count: () => asked, answered: () => answers > 0 };
}

/** Has a page add up in `moved` how far it moves by itself what is shown. @param {Page} page that is loaded anew */
export async function countMoves(page) {
  await page.addInitScript(() => {
    const here = /** @type {any} */ (globalThis);
    here.moved = 0;
    new PerformanceObserver((list) => {
      for (const shift of /** @type {any[]} */ (list.getEntries())) if (!shift.hadRecentInput) here.moved += shift.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
}
