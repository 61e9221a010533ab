import assert from 'node:assert/strict';
import { test } from 'node:test';

import { looker } from './accessibility.js';
import { axeSource } from './harness.js';
import { bubble, editor, open, talk } from './people.js';

/** @import { Page } from 'playwright-core' */
/** @import { World } from './harness.js' */

/** @param {Page} page @param {string} name @param {string} text */
async function write(page, name, text) {
  await page.getByRole('button', { name: 'New template' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Save template' }).click();
}

/** @param {() => World} world */
export function templates(world) {
  test('a template is asked for its fields before it is inserted, and sent as it was made', async () => {
    const page = await world().tab();
    const look = looker(page, await axeSource());
    const { number } = await talk(world(), page);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('link', { name: 'Manage templates' }).click();
    await page.getByText('No templates yet').waitFor();
    await write(page, 'On its way', 'Hello {{name}}, {{what}} is on its way, {{name}}.');
    await page.getByText('Hello {{name}}').waitFor();
    await page.getByRole('button', { name: 'New template' }).click();
    await page.getByLabel('Name').fill('Broken');
    await page.getByLabel('Text').fill('Hello {{');
    await page.getByRole('button', { name: 'Save template' }).click();
    await page.locator('dialog .fault:not([hidden])').waitFor();
    await look('a template with a fault');
    await page.getByRole('button', { name: 'Close' }).click();
    await look('templates');
    await open(world(), page, number);
    await editor(page).fill('PS: ');
    await page.getByRole('button', { name: 'Insert a template' }).click();
    await page.getByRole('button', { name: /On its way/ }).click();
    await page.getByLabel('name', { exact: true }).fill('Anna');
    await page.getByRole('button', { name: 'Insert', exact: true }).click();
    // Nothing is inserted while one is missing.
    await page.getByText('what is required.').waitFor();
    await look('a field that is missing');
    assert.equal(await editor(page).inputValue(), 'PS: ');
    // Nobody sees what is invisible.
    await page.getByLabel('what', { exact: true }).fill('\u200b \u2060');
    await page.getByText('what is required.').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Insert', exact: true }).click();
    await page.getByText('what is required.').waitFor();
    assert.equal(await editor(page).inputValue(), 'PS: ');
    await page.getByLabel('what', { exact: true }).fill('your {{order}}');
    await page.getByRole('button', { name: 'Insert', exact: true }).click();
    assert.equal(await editor(page).inputValue(), 'PS: Hello Anna, your {{order}} is on its way, Anna.');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await bubble(page, 'PS: Hello Anna, your {{order}} is on its way, Anna.').waitFor();
    await page.context().close();
  });
}
