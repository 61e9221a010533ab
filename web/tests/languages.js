import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WIDTHS } from './accessibility.js';
import { axeSource, until } from './harness.js';
import { PASSWORD, UNREACHABLE, bubble, editor, newNumber, open, status, talk, write } from './people.js';
import { words as de } from '../words/de.js';
import { words as en } from '../words/en.js';
import { words as es } from '../words/es.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

export const LANGUAGES = { en, de, es };

/** In these axe is asked: one pane, and two. */
const ASKED = [320, 1280];

/** @param {() => World} world */
export function languages(world) {
  test('a page is in the language of its browser, and so are dates', async () => {
    const page = await world().tab({ locale: 'de-AT', timezoneId: 'Europe/Vienna' });
    await page.goto(`${world().url}/#/signup`);
    await page.getByLabel(de.common.username).fill('');
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await page.getByRole('button', { name: de.auth.signup }).click();
    await page.getByText(de.field.required(de.common.username)).waitFor();
    // What the server does not like is told in German as well.
    await page.getByLabel(de.common.username).fill('x');
    await page.getByLabel(de.common.password).fill('123');
    await page.getByRole('button', { name: de.auth.signup }).click();
    await page.getByText(de.field.fault(de.common.password, de.faults['must be 8 to 128 characters'] ?? '')).waitFor();
    await page.goto(`${world().url}/#/login`);
    await page.getByLabel(de.common.username).fill(`nobody_${process.pid}`);
    await page.getByLabel(de.common.password).fill(PASSWORD);
    await page.getByRole('button', { name: de.auth.login }).click();
    await page.locator('.form').getByText(de.problems['wrong-credentials'] ?? '').waitFor();
    await page.context().close();
  });

  test('a sentence of the server that nobody has translated is marked as English', async () => {
    const page = await world().tab({ locale: 'es' });
    const told = { type: 'urn:mysms:problem:new-one', detail: 'Something new is wrong.', errors: [] };
    await page.route('**/login', (route) => route.fulfill({ status: 409, json: told }));
    await page.goto(`${world().url}/#/login`);
    await page.getByLabel(es.common.username).fill('ada');
    await page.getByLabel(es.common.password).fill(PASSWORD);
    await page.getByRole('button', { name: es.auth.login }).click();
    await page.locator('.form [lang=en]').getByText('Something new is wrong.').waitFor();
    await page.context().close();
  });

  test('the language and the colours are set for the browser, in all tabs, and are there from the start', async () => {
    const page = await world().tab();
    await talk(world(), page);
    const other = await page.context().newPage();
    world().watch(other);
    await other.goto(`${world().url}/#/account`);
    await other.getByText('Member since').waitFor();
    await page.goto(`${world().url}/#/account`);
    const ground = (/** @type {Page} */ tab) => tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground(page);
    await page.getByLabel('Theme').selectOption('Dark');
    await until('the ground is dark', async () => (await ground(page)) !== light);
    await until('the other tab is dark', async () => (await ground(other)) !== light);
    assert.equal(await page.locator('meta[name=theme-color][media=all]').getAttribute('content'), hex(await ground(page)));
    await page.getByLabel('Language').selectOption('Deutsch');
    for (const tab of [page, other]) {
      await tab.getByRole('heading', { name: de.common.account, exact: true }).waitFor();
      assert.equal(await tab.locator('html').getAttribute('lang'), 'de');
      assert.notEqual(await ground(tab), light);
    }
    // Before the first module has run nothing is light or English.
    await page.route('**/main.js', (route) => route.abort());
    await page.reload();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    assert.notEqual(await ground(page), light);
    await page.unroute('**/main.js');
    await page.reload();
    await page.getByLabel(de.look.theme).selectOption(de.look.system);
    await until('the ground is light', async () => (await ground(page)) === light);
    await page.context().close();
  });

  for (const [language, words] of Object.entries(LANGUAGES)) {
    test(`in ${language} every view fits in every width, and axe finds nothing in it`, async () => {
      const page = await world().tab();
      const { number } = await talk(world(), page);
      await prepare(world(), page);
      const look = await looker(world(), page, language);
      const button = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
      const go = (/** @type {string} */ place) => page.evaluate((hash) => void (location.hash = hash), place);
      const close = () => page.keyboard.press('Escape');

      await page.getByText(words.home.begin).waitFor({ state: 'attached' });
      await look('the start');
      await page.getByRole('group', { name: words.list.filters }).getByRole('button', { name: words.list.filter.archived }).click();
      await page.getByText(words.list.noneSuch).waitFor({ state: 'attached' });
      await look('conversations that are put aside');
      await go('#/new');
      await page.getByLabel(words.new.to, { exact: true }).fill('12');
      await page.getByRole('textbox', { name: words.composer.label }).fill('“x”');
      await button(words.common.send).click();
      await page.getByText(words.new.noNumber).waitFor();
      await button(words.scheduler.open).click();
      await look('a new message');
      await go('#/search');
      await page.getByText(words.search.beginTitle).waitFor();
      await look('searching');
      await go('#/search?q=hello');
      await page.locator('.results .row').first().waitFor();
      await page.getByText(words.search.export).click();
      await look('what was found');
      await go('#/account');
      await page.getByText(words.account.since('').slice(0, 8)).first().waitFor();
      await page.getByText(words.sessions.this.slice(0, 6)).first().waitFor();
      await button(words.quiet.add).click();
      await look('the account');
      await button(words.account.deleteAll).click();
      await look('a question');
      await close();
      await button(words.look.shortcuts).click();
      await look('the shortcuts');
      await close();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: words.commands.title }).fill('a');
      await look('the commands');
      await close();
      const dialog = page.locator('dialog');
      await go('#/contacts');
      await page.getByText(words.people.none).waitFor();
      await button(words.people.add).click();
      await dialog.getByLabel(words.people.name).fill('Anna Müller-Lüdenscheidt');
      await dialog.getByLabel(words.people.number).fill('12');
      await button(words.people.save).click();
      await dialog.locator('.fault:not([hidden])').waitFor();
      await look('a contact');
      await dialog.getByLabel(words.people.number).fill(number);
      await button(words.people.save).click();
      await dialog.waitFor({ state: 'detached' });
      await page.locator('.view .row').first().waitFor();
      await look('contacts');
      await button(words.people.import).click();
      await dialog.getByText(words.people.importHint).waitFor();
      await look('an import');
      await close();
      await go('#/campaigns');
      await page.getByText(words.campaigns.none).waitFor();
      await look('campaigns');
      await go('#/campaigns/new');
      await page.getByRole('region', { name: words.campaigns.region }).waitFor();
      await look('a new campaign');
      await go('#/account/templates');
      await page.getByText(words.templates.none).waitFor();
      await button(words.templates.add).click();
      await dialog.getByLabel(words.templates.name).fill('On its way');
      await dialog.getByLabel(words.templates.content).fill('Hello {{');
      await button(words.templates.save).click();
      await dialog.locator('.fault:not([hidden])').waitFor();
      await look('a template');
      await dialog.getByLabel(words.templates.content).fill('Hello {{name}}');
      await button(words.templates.save).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('Hello {{name}}').waitFor();
      await look('templates');
      await go(`#/conversations/${number}`);
      await page.locator('.bubble .text').first().waitFor();
      await look('a conversation');
      await button(words.templates.insert).click();
      await page.getByRole('button', { name: /On its way/ }).click();
      await dialog.getByLabel('name').waitFor();
      await look('the fields of a template');
      await close();
      await page.locator('.view').getByRole('button', { name: words.actions.title('Anna Müller-Lüdenscheidt') }).click();
      await look('actions');
      await button(words.actions.delete).click();
      await page.getByText(words.actions.deleteTitle('Anna Müller-Lüdenscheidt')).waitFor();
      await look('whether to delete it');
      await close();
      await page.locator('.bubble .more').first().click();
      await page.getByRole('heading', { name: words.details.history }).waitFor();
      await look('details');
      await close();
      await button(words.thread.consent).click();
      await page.getByText(words.consent.nothing).first().waitFor();
      await look('consent');
      await close();
      await page.context().setOffline(true);
      await page.locator('.connection').getByText(words.connection.offline).waitFor();
      await look('offline');
      await page.context().setOffline(false);
      await go('#/account');
      await button(words.account.logOut).click();
      await page.getByRole('heading', { name: words.auth.login }).waitFor();
      await button(words.auth.login).click();
      await look('logging in');
      await go('#/signup');
      await page.getByRole('heading', { name: words.auth.signup }).waitFor();
      await look('signing up');
      await page.context().close();
    });
  }
}

/** Texts of every kind that a view may have to show. @param {World} world @param {Page} page */
async function prepare(world, page) {
  const failing = newNumber();
  await world.simulator('faults', { fault: UNREACHABLE, to: failing });
  await open(world, page, failing);
  await write(page, 'Hello, are you there? '.repeat(9));
  await page.locator('.bubble.failed').waitFor();
  await page.getByRole('button', { name: 'Send later' }).click();
  await editor(page).fill('For later');
  await page.getByRole('button', { name: 'Schedule' }).click();
  await status(page, 'For later', 'Scheduled').waitFor();
  await bubble(page, 'For later').waitFor();
}

/** @param {string} rgb */
const hex = (rgb) => `#${(rgb.match(/\d+/g) ?? []).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;

/** Shows the page in a language, to look at its views in all widths and both themes. @param {World} world @param {Page} page @param {string} language */
export async function looker(world, page, language) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate((chosen) => localStorage.setItem('mysms/look', JSON.stringify({ language: chosen })), language);
  await page.goto(`${world.url}/#/`);
  await page.reload();
  await page.evaluate(await axeSource());
  return async (/** @type {string} */ view) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await page.evaluate(tooWide), [], `${view} at ${width} in ${language}`);
      if (ASKED.includes(width)) assert.deepEqual(await page.evaluate(askAxe), [], `${view} at ${width} in ${language}`);
    }
  };
}

/** What has to be scrolled sideways. Runs in the page. */
function tooWide() {
  const frames = [...document.querySelectorAll('html, .scroll, dialog, .bar, .stage')];
  return frames.filter((frame) => frame.scrollWidth > frame.clientWidth + 1).map((frame) => `${frame.tagName}.${frame.className}`);
}

/** Runs in the page. @returns {Promise<string[]>} what axe finds in the light, and then in the dark, where only the colours are others */
async function askAxe() {
  const { axe } = /** @type {any} */ (globalThis);
  const { style } = document.documentElement;
  const found = [];
  for (const [theme, how] of /** @type {[string, object][]} */ ([['light', {}], ['dark', { runOnly: ['color-contrast'] }]])) {
    style.colorScheme = theme;
    const { violations } = await axe.run({ ...how, resultTypes: ['violations'] });
    found.push(...violations.map((/** @type {any} */ { id, nodes }) => `${theme} ${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' | ')}`));
  }
  style.colorScheme = '';
  return found;
}
