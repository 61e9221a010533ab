import { join } from 'node:path';
import { test } from 'node:test';

import { ask, bubble, editor, open, signUp, status, write } from './people.js';

/** @import { World } from './harness.js' */

/** A day in the life of a small shop: with whom what was said. @type {[number: string, name: string, ...said: string[]][]} */
const TALKS = [
  ['+493090182155', 'Jonas Weber', '> Your parcel is in the locker by the door. The code is 4071.', '< Got it, thank you!'],
  ['+447700900187', 'Amelia Clarke', '> We can fit you in on Thursday at ten. Shall I book it?', '< Yes please. Is there somewhere to leave a bike?'],
  [
    '+14155550171',
    'Grace Hopper',
    '> Good morning Grace, your new glasses have arrived.',
    '< That was quick! Can I come by at lunch?',
    '> Of course. We are open until six, and it takes ten minutes to adjust them.',
    '< Perfect, see you at one.',
  ],
];

/** @param {() => World} world @param {string} folder */
export function screenshots(world, folder) {
  test('screenshots', async () => {
    const page = await world().tab();
    await signUp(world(), page, 'linden_opticians');
    const contacts = TALKS.map(([number, name]) => ({ number, name }));
    await ask(world(), page, 'contacts/batch', { contacts });
    await page.reload();
    for (const [number, , ...said] of TALKS) {
      await open(world(), page, number);
      for (const line of said) {
        const text = line.slice(2);
        if (line.startsWith('>')) {
          await write(page, text);
          await status(page, text, 'Delivered').waitFor();
        } else {
          await world().reply(number, text);
          await bubble(page, text).waitFor();
        }
      }
    }
    await world().reply('+447700900187', 'And may I bring my daughter?');
    await page.locator('.badge:visible').waitFor();
    const hint = page.getByRole('region', { name: 'Notifications' });
    await hint.getByRole('button', { name: 'Not now' }).click();
    await hint.waitFor({ state: 'hidden' });
    for (const { name } of contacts) await page.getByRole('navigation').getByRole('link', { name: new RegExp(name) }).waitFor();
    await page.getByRole('button', { name: 'Send later' }).click();
    await editor(page).fill('Do not forget your appointment tomorrow!');
    await page.getByRole('button', { name: 'Schedule' }).click();
    await status(page, 'Do not forget your appointment tomorrow!', 'Scheduled').waitFor();
    await editor(page).fill('See you then – we’ll have coffee');
    for (const [width, height, colorScheme] of /** @type {const} */ ([[360, 740, 'light'], [1280, 800, 'light'], [1280, 800, 'dark']])) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: join(folder, `thread-${width}-${colorScheme}.png`) });
    }
    await page.goto(`${world().url}/#/`);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: join(folder, 'list-360-light.png') });
    await page.context().close();
  });
}
