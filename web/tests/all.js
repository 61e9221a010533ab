import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { accessibility } from './accessibility.js';
import { bulk } from './bulk.js';
import { sendingToVeryMany } from './campaign-size.js';
import { sendingToMany } from './campaigns.js';
import { closing } from './closing.js';
import { contacts } from './contacts.js';
import { conversations } from './conversations.js';
import { docs } from './docs.js';
import { forgetting } from './forgetting.js';
import { start } from './harness.js';
import { hotkeys } from './hotkeys.js';
import { inbox } from './inbox.js';
import { keyboard } from './keyboard.js';
import { keys } from './keys.js';
import { languages } from './languages.js';
import { lasting } from './lasting.js';
import { many } from './many.js';
import { doubts } from './maybes.js';
import { pictures } from './media.js';
import { layout } from './layout.js';
import { network } from './network.js';
import { notices } from './notices.js';
import { pauses } from './pauses.js';
import { phones } from './phone.js';
import { push } from './push.js';
import { quiet } from './quiet.js';
import { reading } from './reading.js';
import { receiving } from './receiving.js';
import { recipients } from './recipients.js';
import { remembering } from './remembering.js';
import { scheduling } from './scheduled.js';
import { screenshots } from './screenshots.js';
import { searching } from './searching.js';
import { addSenders, senders } from './senders.js';
import { sending } from './sending.js';
import { sessions } from './sessions.js';
import { starting } from './starting.js';
import { tabs } from './tabs.js';
import { templates } from './templates.js';
import { threads } from './thread.js';
import { units } from './units.js';
import { views } from './views.js';
import { webhooks } from './webhooks.js';
import { vocabulary } from './words.js';

/** @type {import('./harness.js').World} */
let world;
/** @type {import('./harness.js').World} */
let several;

before(async () => {
  world = await start();
});
after(() => world?.stop());

units();
vocabulary();
bulk();
// Each has a user of its own, and most of the time waits.
describe('the page', { concurrency: 4 }, () => {
  for (const flows of [accessibility, docs, sending, searching, receiving, threads, reading, layout, tabs, many, network, closing, sessions, lasting, starting, keys, keyboard, quiet, webhooks, inbox, doubts, pictures, languages, views, hotkeys, notices, push, contacts, templates, conversations, recipients, remembering, forgetting, sendingToMany, sendingToVeryMany, scheduling]) flows(() => world);
});
// Their switches hold for everybody, so nothing else may go on.
describe('the phones', () => phones(() => world));
// So does this, which takes the messenger's own program.
describe('the operator', { skip: Boolean(process.env.MYSMS_URL) }, () => pauses(() => world));
// It needs a messenger of its own: the others have one sender.
describe('several senders', { concurrency: 3, skip: Boolean(process.env.MYSMS_URL) }, () => {
  before(async () => {
    several = await start();
    await addSenders(several);
  });
  after(() => several?.stop());
  senders(() => several);
});
test('nothing was asked of anybody else, and no code of a message ran', () => {
  assert.deepEqual([world, several].flatMap((one) => one?.faults ?? []), []);
});
if (process.env.SCREENSHOTS) screenshots(() => world, process.env.SCREENSHOTS);
