import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { MARKUP, PASSWORD, SCRIPT, UNREACHABLE, bubble, dryRuns, editor, newName, newNumber, open, schedule, shown, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function sending(world) {
  test('a text to somebody new is delivered, and its thread is there', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await page.getByRole('link', { name: 'New message' }).first().click();
    await page.getByLabel('To', { exact: true }).fill('12');
    await write(page, 'Hello');
    await page.getByText('Enter a full phone number').waitFor();
    await page.getByLabel('To', { exact: true }).fill(number.replace('+1', '+1 (').replace('415', '415) '));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'Hello', 'Delivered').waitFor();
    await page.getByRole('link', { name: shown(number) }).waitFor();
    assert.deepEqual((await world().at(number)).map((text) => text.body), ['Hello']);
    await page.context().close();
  });

  test('with a mouse and what is typed into fields alone, somebody new sends a text to one and to several, and reads an answer', async () => {
    const page = await world().tab();
    await page.goto(world().url);
    await page.getByRole('link', { name: 'Sign up' }).click();
    await page.getByLabel('Username').fill(newName());
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('link', { name: 'New message' }).last().click();
    const [one, two, three] = [newNumber(), newNumber(), newNumber()];
    const to = page.getByLabel('To', { exact: true });
    await to.fill(one);
    await write(page, 'Hello');
    await status(page, 'Hello', 'Delivered').waitFor();
    await world().reply(one, 'Hello yourself');
    await bubble(page, 'Hello yourself').waitFor();

    await page.getByRole('link', { name: 'New message' }).first().click();
    const another = page.getByRole('button', { name: 'Add another recipient' });
    assert.equal(await another.isVisible(), false);
    for (const number of [two, three]) {
      await to.fill(number);
      await another.click();
      await page.getByRole('list', { name: 'Recipients' }).getByText(shown(number)).waitFor();
    }
    assert.ok(await to.evaluate((input) => input === document.activeElement));
    assert.equal(await another.isVisible(), false);
    await write(page, 'To both');
    await page.getByText('2 recipients · 2 delivered').waitFor();
    for (const number of [two, three]) assert.deepEqual((await world().at(number)).map(({ body }) => body), ['To both']);
    await page.context().close();
  });

  test('who has one sender and has set nothing sees and asks for nothing new', async () => {
    const page = await world().tab();
    const asked = dryRuns(page);
    await talk(world(), page);
    await editor(page).fill('Nothing new');
    await page.getByText('1 segment · 149 left').waitFor();
    for (const label of ['From', 'Type']) assert.equal(await page.getByLabel(label, { exact: true }).isVisible(), false);
    assert.equal(await page.getByRole('button', { name: 'More', exact: true }).isVisible(), false);
    await write(page, 'Nothing new');
    await status(page, 'Nothing new', 'Delivered').waitFor();
    assert.match(await bubble(page, 'Nothing new').locator('.meta').innerText(), /^\d\d:\d\d · Delivered$/);
    assert.doesNotMatch(await page.locator('.side .row').innerText(), /from/);
    assert.equal(asked.count(), 0);
    await bubble(page, 'Nothing new').getByRole('button').click();
    const facts = page.getByRole('dialog').locator('.facts');
    await facts.getByText('Transactional').waitFor();
    assert.match(await facts.innerText(), /From\s+\+1/);

    // The operator has replaced it since.
    await page.route('**/senders', (route) => route.fulfill({ json: [{ address: '+14155550999', state: 'active', rate: null }] }));
    await page.reload();
    await bubble(page, 'Nothing new').getByText('from +1').waitFor();
    assert.equal(await page.getByLabel('From', { exact: true }).isVisible(), false);
    await page.context().close();
  });

  test('a double click sends once', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await editor(page).fill('Only once');
    await page.getByRole('button', { name: 'Send', exact: true }).dblclick();
    await status(page, 'Only once', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);
    assert.equal(await bubble(page, 'Only once').count(), 1);
    await page.context().close();
  });

  test('the counter tells what makes a text dear, and offers plain characters', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await editor(page).fill('x'.repeat(161));
    await page.getByText('2 segments · 145 left').waitFor();
    await editor(page).fill('It’s late – sorry');
    await page.getByText('1 segment · 53 left').waitFor();
    assert.deepEqual(await page.locator('.why kbd').allTextContents(), ['’', '–']);
    await page.getByRole('button', { name: 'Use plain characters', exact: true }).click();
    await page.getByText('1 segment · 143 left').waitFor();
    await page.keyboard.press('Enter');
    await status(page, "It's late - sorry", 'Delivered').waitFor();
    assert.equal((await world().at(number)).at(-1).body, "It's late - sorry");
    await page.context().close();
  });

  test('plain characters are offered where they are cheaper, can be taken back, and be the usual ones', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const typeset = `“${'x'.repeat(100)}”…`;
    const plain = `"${'x'.repeat(100)}"...`;
    await editor(page).fill(typeset);
    await page.getByText('2 segments · 31 left').waitFor();
    await page.getByRole('button', { name: 'Use plain characters: 1 segment instead of 2' }).click();
    await page.getByText('1 segment · 55 left').waitFor();
    await page.getByText('Plain characters are sent for').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 segments · 31 left').waitFor();
    await page.getByRole('button', { name: 'Use plain' }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, plain, 'Delivered').waitFor();
    // Nothing of it stays for the next one.
    const asked = dryRuns(page);
    await editor(page).fill('It’s “ж”');
    await page.getByText('Only 70 characters').waitFor();
    await until('it was asked', asked.answered);
    assert.equal(await page.getByRole('button', { name: /Use plain|Undo/ }).isVisible(), false);
    await editor(page).fill('');

    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByLabel('Send plain characters').check();
    await page.getByText('Saved.').waitFor();
    await open(world(), page, number);
    await editor(page).fill('It’s late');
    await page.getByText('1 segment · 151 left').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 segment · 61 left').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await status(page, 'It’s late', 'Delivered').waitFor();
    await write(page, 'It’s early');
    await status(page, "It's early", 'Delivered').waitFor();
    assert.deepEqual((await world().at(number)).map((text) => text.body), ['Hello', plain, 'It’s late', "It's early"]);
    await page.context().close();
  });

  test('a scheduled text can be taken back, after a question', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    await schedule(page, 'For later');
    await bubble(page, 'For later').getByRole('button').click();
    await page.getByRole('button', { name: 'Cancel sending' }).click();
    await page.getByRole('button', { name: 'Leave it as it is' }).click();
    await page.getByRole('button', { name: 'Cancel sending' }).click();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await status(page, 'For later', 'Cancelled').waitFor();
    assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });

  test('a text can be sent by the clock of its recipient', async () => {
    const page = await world().tab({ timezoneId: 'Europe/Berlin' });
    const { number } = await talk(world(), page);
    await page.getByRole('button', { name: 'Send later' }).click();
    const at = page.getByLabel('Send on');
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
    const tomorrow = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    await at.fill(`${tomorrow}T09:30`);
    await page.getByRole('button', { name: 'Use their time zone' }).click();
    await editor(page).fill('Good morning');
    const zone = page.getByLabel('Their time zone');
    assert.equal(await zone.inputValue(), 'Europe/Berlin');
    await zone.fill('Nowhere');
    await page.getByText(/^Their time zone is no IANA/).waitFor();
    await page.getByRole('button', { name: 'Schedule' }).click();
    assert.equal(await bubble(page, 'Good morning').count(), 0);
    await zone.fill('Asia/Calcutta');
    // India is half an hour off, and without summer time.
    const berlin = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' });
    const here = berlin.format(new Date(`${tomorrow}T09:30:00+05:30`));
    await page.getByText(`That is tomorrow at ${here} for you.`).waitFor();
    await page.reload();
    assert.equal(await zone.inputValue(), 'Asia/Calcutta');
    assert.equal(await at.inputValue(), `${tomorrow}T09:30`);
    await page.getByRole('button', { name: 'Schedule' }).click();
    await status(page, 'Good morning', `Scheduled for tomorrow at ${here}`).waitFor();
    assert.equal((await world().at(number)).length, 1);
    await page.context().close();
  });

  test('why a text failed stands beside it', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().simulator('faults', { fault: UNREACHABLE, to: number });
    await open(world(), page, number);
    await write(page, 'Hello?');
    await status(page, 'Hello?', 'Not delivered: ').waitFor();
    await page.locator('.row-text.failed').waitFor();
    await bubble(page, 'Hello?').getByRole('button', { name: /^Details/ }).click();
    await page.getByText('The carrier could not deliver it.').waitFor();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await page.context().close();
  });

  test('what a program noted is shown, and found by its reference', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const body = { recipient: number, content: 'Your order left', reference: `order ${SCRIPT}`, tags: { customer: '17', kind: 'shipping' } };
    const headers = { Authorization: `Bearer ${await tokenOf(page)}` };
    const sent = await fetch(`${world().url}/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(sent.status, 200);
    await bubble(page, 'Your order left').getByRole('button').click();
    await page.getByText('customer: 17, kind: shipping').waitFor();
    await page.getByText(body.reference).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByRole('combobox', { name: 'Where' }).selectOption('In references');
    await page.getByRole('searchbox').fill(body.reference);
    await page.keyboard.press('Enter');
    await page.locator('.results').getByText('Your order left').waitFor();
    await page.getByRole('searchbox').fill('order');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found').first().waitFor();
    assert.equal(await page.locator(MARKUP).count(), 0);
    await page.context().close();
  });

  test('a script in a message stays text', async () => {
    const page = await world().tab();
    await talk(world(), page);
    await write(page, SCRIPT);
    await status(page, SCRIPT, 'Delivered').waitFor();
    assert.equal(await page.locator(MARKUP).count(), 0);
    await page.context().close();
  });

  test('the browser itself refuses to make text into markup', async () => {
    const context = await world().browser.newContext();
    const page = await context.newPage();
    await page.goto(world().url);
    const refusal = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>markup</b>';
        return 'none';
      } catch (error) {
        return String(error);
      }
    });
    assert.match(refusal, /TrustedHTML/);
    await context.close();
  });
}
