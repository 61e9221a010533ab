import { test } from 'node:test';

import { until } from './harness.js';
import { LANGUAGES, looker } from './languages.js';
import { UNREACHABLE, ask, newNumber, signUp } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function views(world) {
  for (const [language, words] of Object.entries(LANGUAGES)) {
    test(`in ${language} what is sent later, to many, and by programs fits in every width, too, and axe finds nothing in it`, async () => {
      const page = await world().tab();
      const batch = await prepare(world(), page);
      const look = await looker(world(), page, language);
      const button = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
      const go = (/** @type {string} */ place) => page.evaluate((hash) => void (location.hash = hash), place);
      const dialog = page.locator('dialog');

      await go('#/scheduled');
      await page.locator('.entry').first().waitFor();
      await look('what is sent later');
      await page.getByRole('button', { name: new RegExp(`^${words.outgoing.change}`) }).first().click();
      await dialog.getByRole('heading', { name: words.scheduled.edit }).waitFor();
      await look('a change of it');
      await page.keyboard.press('Escape');
      await go('#/inbox');
      await page.locator('.unassigned li').first().waitFor();
      await look('what belongs to nobody');
      await page.locator('.unassigned li').first().getByRole('button', { name: words.inbox.give.replace('…', '') }).click();
      await dialog.getByText(words.inbox.giveHint).waitFor();
      await look('whom it is given to');
      await page.keyboard.press('Escape');
      await go(`#/sent/${batch}`);
      await page.locator('.entry.failed').waitFor();
      await look('what went to several');

      await go('#/campaigns/new');
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(words.table.choose).click()]);
      const table = `number;name\n${newNumber()};Anna Müller-Lüdenscheidt\n0151 12345678;Bert\n`;
      await chooser.setFiles({ name: 'Kundinnen und Kunden.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
      await page.getByLabel(words.campaigns.text, { exact: true }).fill('Hello {{name}}');
      await page.getByLabel(words.campaigns.name).fill(`Sale in ${language} ${process.pid}`);
      await button(words.campaigns.check).click();
      await page.getByRole('heading', { name: words.forecast.title }).waitFor();
      await look('a campaign that was checked');
      await button(words.forecast.send(words.count.texts(1))).click();
      await page.getByRole('list', { name: words.report.rows }).locator('li').first().waitFor();
      await page.getByText(words.campaigns.states.done, { exact: true }).waitFor();
      await look('the report of a campaign');
      await button(words.campaigns.forget).click();
      await dialog.getByText(words.campaigns.forgetText).waitFor();
      await look('whether to forget it');
      await page.keyboard.press('Escape');

      await go('#/account');
      await page.getByLabel(words.keys.name).fill('Warenwirtschaft');
      await page.getByLabel(words.keys.mode).selectOption('team');
      await button(words.keys.make).click();
      await page.locator('.scopes .fault:not([hidden])').waitFor();
      await look('a key with a fault');
      await page.locator('.scopes input').first().check();
      await page.getByLabel(words.keys.team).fill(newNumber());
      await button(words.keys.make).click();
      await page.getByLabel(words.keys.new, { exact: true }).waitFor();
      await look('a key that was just made');
      await button(words.keys.revoke('Warenwirtschaft')).click();
      await dialog.getByText(words.keys.revokeText).waitFor();
      await look('whether to revoke it');
      await page.keyboard.press('Escape');
      await page.getByLabel(words.webhooks.url).fill('https://receiver.example.com/incoming/messages');
      await page.getByLabel(words.webhooks.description).fill('Warenwirtschaft');
      await button(words.webhooks.add).click();
      await dialog.getByText(words.webhooks.secretText).waitFor();
      await look('the secret of a webhook');
      await button(words.webhooks.done).click();
      await button(words.webhooks.deliveries).click();
      await page.getByText(words.webhooks.nothing).waitFor();
      await look('a webhook');
      for (const [name, text] of /** @type {const} */ ([[words.webhooks.rotate, words.webhooks.rotateText], [words.webhooks.delete, words.webhooks.deleteText]])) {
        await button(name).click();
        await dialog.getByText(text).waitFor();
        await look(`a webhook, ${name}`);
        await page.keyboard.press('Escape');
      }
      await page.context().close();
    });
  }
}

/** Somebody who may see what belongs to nobody, and texts of each kind. @param {World} world @param {Page} page @returns {Promise<string>} what went to several together */
async function prepare(world, page) {
  const name = await signUp(world, page);
  await world.admin('inbox', 'grant', name);
  await world.reply(newNumber(), 'Is anybody there? '.repeat(12));
  const failing = newNumber();
  await world.simulator('faults', { fault: UNREACHABLE, to: failing });
  const batch = `batch ${process.pid}`;
  const together = [newNumber(), failing].map((recipient) => ({ recipient, content: 'Hello', tags: { batch } }));
  const later = { recipient: newNumber(), content: 'For later, and not so short that it has room everywhere. '.repeat(2), send_at: new Date(Date.now() + 86_400_000).toISOString() };
  await ask(world, page, 'messages/batch', { messages: [...together, later] });
  // Within two seconds.
  await until('it is open', async () => {
    await page.reload();
    return page.getByRole('link', { name: /^Unassigned/ }).isVisible();
  });
  return encodeURIComponent(batch);
}
