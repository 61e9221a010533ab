import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { PASSWORD, editor, endToken, logIn, newName, open, signUp, status, talk, tokenOf, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function sessions(world) {
  test('a token that ends keeps what is written, and what was sent goes out after the login', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    // Without a stream it is the sending that finds out.
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await status(page, 'Hello', 'Delivered').waitFor();
    await endToken(world(), page);
    await write(page, 'Sent without a token');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await page.unroute('**/events');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await page.getByLabel('Password').fill('wrong password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Wrong username or password.').first().waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await status(page, 'Sent without a token', 'Delivered').waitFor();
    assert.equal((await world().at(number)).length, 2);

    await editor(page).fill('A draft');
    await endToken(world(), page);
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor({ state: 'detached' });
    await editor(page).focus();
    assert.equal(await editor(page).inputValue(), 'A draft');
    await page.keyboard.press('Enter');
    await status(page, 'A draft', 'Delivered').waitFor();
    await page.context().close();
  });

  test('a page that starts with a token that has ended reads everything after the login', async () => {
    const page = await world().tab();
    const { number } = await talk(world(), page);
    const headers = { Authorization: `Bearer ${await tokenOf(page)}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${world().url}/contacts/${number}`, { method: 'PUT', headers, body: JSON.stringify({ name: 'Anna Beck' }) });
    assert.ok(answer.ok);
    await endToken(world(), page);
    await page.context().clearCookies();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor({ state: 'detached' });
    await page.getByRole('navigation').getByText('Anna Beck').waitFor();
    await page.context().close();
  });

  test('a token is renewed in time', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const before = await tokenOf(page);
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem('mysms/session') ?? '{}');
      sessionStorage.setItem('mysms/session', JSON.stringify({ ...session, renewAt: 0 }));
    });
    await page.reload();
    await until('the token is another', async () => (await tokenOf(page)) !== before);
    await page.getByText('No conversations yet').waitFor();
    await page.context().close();
  });

  test('logging out leaves nothing behind', async () => {
    const page = await world().tab();
    const { name, number } = await talk(world(), page);
    await editor(page).fill('My secret');
    const old = await tokenOf(page);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('Member since').waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    const answer = await fetch(`${world().url}/me`, { headers: { Authorization: `Bearer ${old}` } });
    assert.equal(answer.status, 401);
    await logIn(world(), page, name);
    await open(world(), page, number);
    assert.equal(await editor(page).inputValue(), '');
    await page.context().close();
  });

  test('a new password logs out everywhere else, and the account can be deleted', async () => {
    const page = await world().tab();
    const name = await signUp(world(), page);
    const other = await world().tab();
    await logIn(world(), other, name);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByLabel('Old password').fill('not my password');
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText(/^New password must/).waitFor();
    await page.getByLabel('New password').fill(`${PASSWORD} 2`);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Old password is wrong.').waitFor();
    await page.getByLabel('Old password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Changed.').waitFor();
    await other.getByRole('heading', { name: 'Log in again' }).waitFor();

    await page.getByLabel('Password', { exact: true }).fill(`${PASSWORD} 2`);
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('button', { name: 'Delete everything' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByLabel('Username').fill(name);
    await page.getByLabel('Password').fill(`${PASSWORD} 2`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Wrong username or password.').first().waitFor();
    await Promise.all([page, other].map((tab) => tab.context().close()));
  });

  test('sessions are shown, and one or all of them can be ended', async () => {
    const page = await world().tab();
    const name = await signUp(world(), page);
    const other = await world().tab();
    await logIn(world(), other, name);
    await page.getByRole('link', { name: 'Account' }).click();
    const list = page.getByRole('list', { name: 'Sessions' });
    await list.getByText('This device:').waitFor();
    assert.equal(await list.getByRole('listitem').count(), 2);
    await list.getByRole('button', { name: 'End this session' }).click();
    await list.getByRole('button').waitFor({ state: 'detached' });
    assert.equal(await list.getByRole('listitem').count(), 1);
    await other.getByRole('heading', { name: 'Log in again' }).waitFor();

    const old = await tokenOf(page);
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    const answer = await fetch(`${world().url}/me`, { headers: { Authorization: `Bearer ${old}` } });
    assert.equal(answer.status, 401);
    await Promise.all([page, other].map((tab) => tab.context().close()));
  });

  test('who may sign up is said, and an invite is asked for', async () => {
    for (const signup of ['invite', 'closed']) {
      const page = await world().tab();
      await page.route('**/client.json', async (route) => {
        const told = await (await route.fetch()).json();
        await route.fulfill({ json: { ...told, signup } });
      });
      await page.goto(`${world().url}/#/signup`);
      const closed = page.getByText('Sign-up is closed.');
      await page.getByLabel('Invite').or(page.getByLabel('Username')).first().waitFor();
      if (signup === 'closed') await closed.waitFor();
      else assert.equal(await closed.count(), 0);
      await page.getByLabel('Username').fill(newName());
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.getByText('Invite is required.').waitFor();
      await page.getByLabel('Invite').fill('c0ffee00c0ffee00c0ffee00c0ffee00');
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.getByText('Invite is not good.').waitFor();
      await page.context().close();
    }
  });

  test('a name that is taken and a password that is too short are said beside the field', async () => {
    const page = await world().tab();
    const name = newName();
    await signUp(world(), page, name);
    const other = await world().tab();
    await other.goto(`${world().url}/#/signup`);
    await other.getByRole('button', { name: 'Sign up' }).click();
    await other.getByText('Username is required.').waitFor();
    await other.getByLabel('Username').fill(name);
    await other.getByLabel('Password').fill('short');
    await other.getByRole('button', { name: 'Sign up' }).click();
    await other.getByText(/^Password must/).waitFor();
    await other.getByLabel('Password').fill(PASSWORD);
    await other.getByRole('button', { name: 'Sign up' }).click();
    await other.getByText('Username is taken.').waitFor();
    assert.equal(await other.getByLabel('Username').getAttribute('aria-invalid'), 'true');
    await Promise.all([page, other].map((tab) => tab.context().close()));
  });
}
