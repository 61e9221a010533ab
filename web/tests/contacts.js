import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { axeSource, until } from './harness.js';
import { looker } from './accessibility.js';
import { UNREACHABLE, appears, bubble, newNumber, open, schedule, shown, signUp, status, talk, write } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {World} world @param {Page} page */
async function openContacts(world, page) {
  await page.goto(`${world.url}/#/contacts`);
  await page.getByRole('heading', { name: 'Contacts' }).waitFor();
}

/** @param {Page} page @param {string} name @param {string} type @param {string} content */
async function bring(page, name, type, content) {
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByLabel('File').setInputFiles({ name, mimeType: type, buffer: Buffer.from(content) });
}

/** @param {() => World} world */
export function contacts(world) {
  test('a contact that is added from a conversation is shown wherever its number stood', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await page.locator('.view').getByRole('button', { name: `Actions for ${shown(number)}` }).click();
    await page.getByRole('button', { name: 'Add to contacts' }).click();
    await page.getByLabel('Name').fill('Anna Müller');
    await page.getByLabel('Labels').fill('family, work');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await page.getByRole('heading', { name: 'Anna Müller' }).waitFor();
    await page.getByRole('navigation').getByRole('link', { name: /Anna Müller/ }).waitFor();
    await bubble(page, 'Hello').getByRole('button').first().click();
    await page.getByText(`Anna Müller · ${shown(number)}`).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('muller');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.locator('.results .row', { hasText: 'Anna Müller' }).first().waitFor();
    // Whoever reads another tab sees it there, too.
    const other = await page.context().newPage();
    world().watch(other);
    await other.goto(page.url());
    await other.getByRole('navigation').getByRole('link', { name: /Anna Müller/ }).waitFor();
    await openContacts(world(), page);
    await page.getByRole('button', { name: 'Edit Anna Müller' }).click();
    await page.getByLabel('Name').fill('Anna Schmidt');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await other.getByRole('navigation').getByRole('link', { name: /Anna Schmidt/ }).waitFor();
    await page.getByRole('button', { name: 'Edit Anna Schmidt' }).click();
    await page.getByRole('button', { name: 'Delete contact' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No contacts yet').waitFor();
    await other.getByRole('navigation').getByRole('link', { name: shown(number) }).waitFor();
    await page.context().close();
  });

  test('whoever has a name is called by it everywhere, also where that is known late', async () => {
    const page = await world().tab();
    const name = await signUp(world(), page);
    await world().admin('inbox', 'grant', name);
    const number = newNumber();
    await world().reply(number, 'Is anybody there?');
    await openContacts(world(), page);
    await page.getByRole('button', { name: 'New contact' }).click();
    await page.getByLabel('Name').fill('Anna');
    await page.getByLabel('Number').fill(number);
    await page.getByRole('button', { name: 'Save contact' }).click();
    await page.locator('.view .row', { hasText: 'Anna' }).waitFor();
    // What is shown before the names are known is shown again.
    let known = Promise.resolve();
    await page.route('**/contacts?*', async (route) => {
      await known;
      await route.continue();
    });
    const late = async (/** @type {string} */ place, /** @type {() => Promise<void>} */ unnamed) => {
      let know = () => {};
      known = new Promise((resolve) => (know = () => resolve()));
      await page.goto('about:blank');
      await page.goto(`${world().url}/#/${place}`);
      await unnamed();
      know();
    };
    const both = `Anna · ${shown(number)}`;

    await until('the inbox is open', async () => {
      await page.reload();
      return appears(page.getByRole('link', { name: /^Unassigned/ }));
    });
    const text = page.getByRole('list', { name: 'Unassigned messages' }).getByRole('listitem').filter({ hasText: shown(number) });
    await late('inbox', () => text.waitFor());
    await text.getByText(both).waitFor();
    await text.getByRole('button', { name: /^Take it: .*Anna$/ }).waitFor();
    await text.getByRole('button', { name: /^Assign/ }).click();
    await page.getByRole('dialog', { name: /Anna/ }).getByRole('textbox').waitFor();
    await page.keyboard.press('Escape');

    await world().simulator('faults', { fault: UNREACHABLE, to: number, times: 1 });
    await open(world(), page, number);
    await write(page, 'Hello?');
    await status(page, 'Hello?', 'Not delivered').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('to Anna as a new message').waitFor();
    await page.getByRole('button', { name: 'Do not send' }).click();
    await page.getByRole('button', { name: 'Opt-out status' }).click();
    await page.getByRole('dialog', { name: `Opt-out status of ${both}` }).getByRole('button', { name: 'Close' }).click();
    await schedule(page, 'For later');
    await late('scheduled', () => page.getByRole('link', { name: shown(number) }).last().waitFor());
    const scheduled = page.getByRole('list', { name: 'Scheduled messages' }).getByRole('listitem');
    await scheduled.getByRole('link', { name: 'Anna' }).waitFor();
    await scheduled.getByRole('button', { name: /^Edit.*Anna/ }).waitFor();
    await late('search?q=hello', () => page.locator('.results .row', { hasText: shown(number) }).waitFor());
    await page.locator('.results .row', { hasText: 'Anna' }).waitFor();
    await late('search?q=Anna', () => page.getByText('Nothing found').first().waitFor());
    await page.locator('.results .row', { hasText: 'Anna' }).waitFor();
    assert.equal(await page.locator('.results').getByText('Nothing found').count(), 0);

    await page.goto(`${world().url}/#/campaigns/new`);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a file' }).click()]);
    await chooser.setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(`number\n${number}\n${number}`) });
    await page.getByLabel('Message to everybody', { exact: true }).fill('Hello');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.refused').getByText(both).waitFor();
    await page.getByRole('button', { name: 'Send 1 message' }).click();
    await page.getByRole('list', { name: 'Rows that were refused' }).getByText(both).waitFor();
    await page.context().close();
  });

  test('contacts come from a vCard file and from a table, after a look at them, and go into a table', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const [anna, bert] = [newNumber(), newNumber()];
    await openContacts(world(), page);
    const card = `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Müller\r\nTEL:${anna}\r\nCATEGORIES:family\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:Nobody\r\nEND:VCARD\r\n`;
    await bring(page, 'people.vcf', 'text/vcard', card);
    await page.getByText('1 contact can be imported. 1 is skipped').waitFor();
    await page.getByRole('button', { name: 'Import them' }).click();
    await page.locator('dialog').getByText('1 contact was imported.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.view .row', { hasText: 'Anna Müller' }).waitFor();
    await bring(page, 'people.csv', 'text/csv', `Name;Phone;Labels\nAnna M;${anna};\n"Bert; the neighbour";${bert};work\n`);
    await page.getByText('2 contacts can be imported. 1 replaces one that you have.').waitFor();
    await page.getByRole('button', { name: 'Import them' }).click();
    await page.locator('dialog').getByText('2 contacts were imported.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.view .row', { hasText: 'Bert; the neighbour' }).waitFor();
    assert.equal(await page.locator('.view .row').count(), 2);
    await page.getByRole('searchbox', { name: 'Search contacts' }).fill('bert');
    await until('only Bert is shown', async () => (await page.locator('.view .row').count()) === 1);
    await page.getByRole('searchbox', { name: 'Search contacts' }).fill('');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export (CSV)' }).click()]);
    const table = await readFile(await file.path(), 'utf8');
    assert.equal(table, `name,number,labels,note\r\nAnna M,${anna},,\r\nBert; the neighbour,${bert},work,\r\n`.replace('Bert; the neighbour', '"Bert; the neighbour"'));
    await page.context().close();
  });

  test('a new message finds its recipient by name, with the keyboard alone', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await openContacts(world(), page);
    await bring(page, 'a.csv', 'text/csv', `Anna Müller,${number}\nAnton,${newNumber()}\n`);
    await page.getByRole('button', { name: 'Import them' }).click();
    await page.locator('dialog').getByText('2 contacts were imported.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'New message' }).click();
    const to = page.getByRole('combobox', { name: 'To' });
    await to.pressSequentially('an');
    await page.getByRole('option').nth(1).waitFor();
    await looker(page, await axeSource())('suggestions');
    await to.pressSequentially('na mul');
    await page.getByRole('option', { name: /Anna Müller/ }).waitFor();
    assert.equal(await page.getByRole('option').count(), 1);
    await to.press('ArrowDown');
    await to.press('Enter');
    await page.getByRole('list', { name: 'Recipients' }).getByText('Anna Müller').waitFor();
    assert.equal(await to.inputValue(), '');
    assert.equal(await page.getByRole('option').count(), 0);
    await write(page, 'Hello Anna');
    await bubble(page, 'Hello Anna').waitFor();
    await page.getByRole('heading', { name: 'Anna Müller' }).waitFor();
    await page.context().close();
  });

  test('axe finds nothing among contacts and in what is done with them', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    const { number } = await talk(world(), page);
    await openContacts(world(), page);
    await look('no contacts');
    await page.getByRole('button', { name: 'New contact' }).click();
    await page.getByLabel('Name').fill('Anna');
    await page.getByLabel('Number').fill('12');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await look('a contact with a fault');
    await page.getByLabel('Number').fill(number);
    await page.getByLabel('Labels').fill('family');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await page.locator('.view .row', { hasText: 'Anna' }).waitFor();
    await look('contacts');
    await bring(page, 'a.csv', 'text/csv', `Bert,${newNumber()}\n`);
    await page.getByText('1 contact can be imported.').waitFor();
    await look('an import');
    await page.getByRole('button', { name: 'Close' }).click();
    await open(world(), page, number);
    await page.locator('.view').getByRole('button', { name: 'Actions for Anna' }).click();
    await look('actions');
    await page.context().close();
  });
}
