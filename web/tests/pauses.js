import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './harness.js';
import { ask, bubble, editor, newNumber, open, signUp, status, write } from './people.js';

/** @import { World } from './harness.js' */

const PAUSED = 'the operator has paused all sending';

/** So long after it was written a text has been left, in milliseconds. */
const LEFT = 3_000;

/** @param {() => World} world */
export function pauses(world) {
  test('while the operator has paused all sending, what waits and what is written says so', async () => {
    const page = await world().tab();
    await signUp(world(), page);
    const number = newNumber();
    await world().admin('pause', '--reason', 'maintenance');
    try {
      // Workers hear of it a moment later than the API.
      await until('nothing leaves any more', async () => {
        const [waiting] = await ask(world(), page, 'messages?status=queued');
        if (!waiting) await ask(world(), page, 'messages', { recipient: number, content: 'Before' });
        return waiting && Date.now() - Date.parse(waiting.sent_at) > LEFT;
      });
      await open(world(), page, number);
      await write(page, 'Hello');
      await status(page, 'Hello', `Waits: ${PAUSED}`).waitFor();
      await bubble(page, 'Hello').getByRole('button').click();
      await page.getByRole('dialog').locator('.facts').getByText(`It waits: ${PAUSED}.`).waitFor();
      await page.keyboard.press('Escape');

      // Lists do not tell, so a page that was opened now has to ask.
      await page.reload();
      await status(page, 'Hello', `Waits: ${PAUSED}`).waitFor();
      await editor(page).fill('Are you there?');
      await page.locator('.when').getByText(`It waits: ${PAUSED}.`).waitFor();
    } finally {
      await world().admin('resume');
    }
    await status(page, 'Hello', 'Delivered').waitFor();
    await page.reload();
    await until('nothing is paused', async () => {
      const [sender] = await ask(world(), page, 'senders');
      return sender.paused === null;
    });
    await page.reload();
    await editor(page).waitFor();
    assert.equal(await page.locator('.when').innerText(), '');
    await page.context().close();
  });
}
