import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { accessibility } from './accessibility.js';
import { start } from './harness.js';
import { keyboard } from './keyboard.js';
import { network } from './network.js';
import { phones } from './phone.js';
import { quiet } from './quiet.js';
import { receiving } from './receiving.js';
import { screenshots } from './screenshots.js';
import { sending } from './sending.js';
import { sessions } from './sessions.js';
import { tabs } from './tabs.js';
import { units } from './units.js';

/** @type {import('./harness.js').World} */
let world;

before(async () => {
  world = await start();
});
after(() => world?.stop());

units();
// Each has a user of its own, and most of the time waits.
describe('the page', { concurrency: 4 }, () => {
  for (const flows of [accessibility, sending, receiving, tabs, network, sessions, keyboard, quiet]) flows(() => world);
});
// Their switches hold for everybody, so nothing else may go on.
describe('the phones', () => phones(() => world));
test('nothing was asked of anybody else, and no code of a message ran', () => {
  assert.deepEqual(world.faults, []);
});
if (process.env.SCREENSHOTS) screenshots(() => world, process.env.SCREENSHOTS);
