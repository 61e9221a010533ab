import { test } from 'node:test';

import { bubble, logIn, open, status, talk, write } from './people.js';

/** @import { World } from './harness.js' */

/** @param {() => World} world */
export function tabs(world) {
  test('two tabs stay in step', async () => {
    const first = await world().tab();
    const { name, number } = await talk(world(), first);
    const second = await world().tab();
    await logIn(world(), second, name);
    await open(world(), second, number);
    await write(first, 'From the first');
    await status(second, 'From the first', 'Delivered').waitFor();
    await write(second, 'From the second');
    await status(first, 'From the second', 'Delivered').waitFor();
    await bubble(second, 'From the first').getByRole('button').click();
    await second.getByRole('button', { name: 'Delete' }).click();
    await second.getByRole('button', { name: 'Delete' }).last().click();
    for (const page of [first, second]) await bubble(page, 'From the first').waitFor({ state: 'detached' });
    await Promise.all([first, second].map((page) => page.context().close()));
  });
}
