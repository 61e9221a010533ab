import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  AuthenticationError, ConflictError, InvalidRequestError, MySms, NotFoundError,
} from 'mysms-client';
import { PHONE, badNetwork, collect, handsetWrites, somebody, url } from './rig.js';

const later = () => new Date(Date.now() + 3_600_000).toISOString();

test('a text is sent, read back, listed and deleted', async () => {
  const sms = await somebody();
  const sent = await sms.send({ recipient: PHONE, content: 'Hello' });
  assert.equal(sent.recipient, PHONE);
  const read = await sms.message(sent.id);
  assert.equal(read.content, 'Hello');
  assert.equal(read.timeline[0]?.status, 'queued');
  assert.deepEqual((await collect(sms.messages())).map(({ id }) => id), [sent.id]);
  await sms.delete(sent.id);
  await assert.rejects(sms.message(sent.id), NotFoundError);
});

test('a scheduled text can be canceled, and one that was sent cannot', async () => {
  const sms = await somebody();
  const scheduled = await sms.send({ recipient: PHONE, content: 'Later', send_at: later() });
  assert.equal((await sms.cancel(scheduled.id)).status, 'canceled');
  const sent = await sms.send({ recipient: PHONE, content: 'Now' });
  for await (const event of sms.events()) {
    const { status } = event.type === 'message' ? event.data : await sms.message(sent.id);
    if (status === 'delivered') break;
  }
  await assert.rejects(sms.cancel(sent.id), ConflictError);
});

test('an error says which field is wrong, and why', async () => {
  const sms = await somebody();
  const error = await sms.send({ recipient: '12', content: '' }).catch((/** @type {unknown} */ error) => error);
  assert(error instanceof InvalidRequestError);
  assert.equal(error.status, 400);
  assert.equal(error.code, 'invalid-request');
  assert.deepEqual(error.errors.map(({ field }) => field), ['recipient', 'content']);
  assert.match(error.message, /recipient must be a phone number/);
  assert.match(error.requestId ?? '', /^[0-9a-f-]{36}$/);
});

test('logging in, renewing and logging out', async () => {
  const name = `u-${randomUUID()}`;
  await MySms.signUp({ url, username: name, password: 'correct horse' });
  await assert.rejects(MySms.logIn({ url, username: name, password: 'wrong horse' }), AuthenticationError);
  const sms = await MySms.logIn({ url, username: name, password: 'correct horse' });
  const first = sms.token;
  await sms.renew();
  assert.notEqual(sms.token, first);
  assert.equal((await sms.me()).username, name);
  await sms.logOut();
  await assert.rejects(sms.me(), AuthenticationError);
});

test('a token that was kept is enough', async () => {
  const { token } = await somebody();
  const sms = new MySms({ url: `${url}/`, token });
  const { id } = await sms.send({ recipient: PHONE, content: 'Hello' });
  assert.equal((await sms.message(id)).id, id);
});

test('a preview says what is wrong, and sends nothing', async () => {
  const sms = await somebody();
  const preview = await sms.preview({ recipient: PHONE, content: 'It’s ready' });
  assert.equal(preview.acceptable, true);
  assert.equal(preview.encoding, 'UCS-2');
  const wrong = await sms.preview({ recipient: '12', content: 'Hello' });
  assert.deepEqual(wrong.errors.map(({ field }) => field), ['recipient']);
  assert.deepEqual(await collect(sms.messages()), []);
});

test('each text of a batch has its answer, and the same batch with the same key sends nothing twice', async () => {
  const sms = await somebody();
  const batch = { recipients: [PHONE, '12', '+14155550124'], content: 'Hello' };
  const first = await sms.sendBatch(batch, { idempotencyKey: 'campaign-7' });
  assert.deepEqual(first.results.map(({ status }) => status), [200, 400, 200]);
  assert.equal(first.results[1]?.problem?.errors[0]?.field, 'recipient');
  const second = await sms.sendBatch(batch, { idempotencyKey: 'campaign-7' });
  assert.deepEqual(second.results.map(({ accepted }) => accepted?.id), first.results.map(({ accepted }) => accepted?.id));
  assert.equal((await collect(sms.messages())).length, 2);
});

test('lists are read page by page, as far as somebody goes', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch });
  const messages = ['one', 'two', 'three', 'four', 'five'].map((content) => ({ recipient: PHONE, content, send_at: later() }));
  await sms.sendBatch({ messages });
  const contents = (await collect(sms.messages({ limit: 2 }))).map(({ content }) => content);
  assert.deepEqual(contents, ['one', 'two', 'three', 'four', 'five']);
  const sizes = (await collect(sms.messages({ limit: 2 }).pages())).map(({ items }) => items.length);
  assert.deepEqual(sizes, [2, 2, 1]);

  network.seen.length = 0;
  for await (const message of sms.messages({ limit: 2, order: 'desc' })) {
    assert.equal(message.content, 'five');
    break;
  }
  assert.equal(network.seen.length, 1);

  const { value: page } = await sms.messages({ limit: 3 }).pages().next();
  assert(page);
  const rest = await collect(sms.messages({ limit: 3, cursor: /** @type {string} */ (page.next) }));
  assert.deepEqual(rest.map(({ content }) => content), ['four', 'five']);
});

test('filters are those of the API', async () => {
  const sms = await somebody();
  await sms.send({ recipient: PHONE, content: 'An order', send_at: later() });
  const { id } = await sms.send({ recipient: '+14155550124', content: 'Another order', send_at: later() });
  await sms.cancel(id);
  const found = await collect(sms.messages({ status: ['canceled', 'failed'], q: 'ORDER', since: new Date(0) }));
  assert.deepEqual(found.map(({ content }) => content), ['Another order']);
  assert.deepEqual(await collect(sms.messages({ until: new Date(0) })), []);
});

/** A number that no other test texts is asked and answers. @param {MySms} sms @param {string | object} answer */
async function answered(sms, answer) {
  const number = `+1415556${randomInt(1000, 10_000)}`;
  await sms.send({ recipient: number, content: 'Are you coming?' });
  let wrote = false;
  for await (const event of sms.events()) {
    if (event.type === 'message' && event.data.direction === 'inbound') return event.data;
    const [text] = await collect(sms.messages({ recipient: number }));
    if (wrote || !text?.provider_sid) continue;
    await handsetWrites(number, answer);
    wrote = true;
  }
  throw new Error('the stream ended');
}

test('what was received stands in its conversation until it is read', async () => {
  const sms = await somebody();
  const { counterpart } = await answered(sms, 'Yes');
  const number = /** @type {string} */ (counterpart);
  const [conversation] = await collect(sms.conversations());
  assert.equal(conversation?.counterpart, number);
  assert.equal(conversation?.unread, 1);
  const thread = await collect(sms.conversation(number, { limit: 1 }));
  assert.deepEqual(thread.map(({ content }) => content), ['Are you coming?', 'Yes']);
  await sms.markRead(number);
  assert.equal((await collect(sms.conversations()))[0]?.unread, 0);
});

test('a picture that was received is opened, also over a bad network', async () => {
  const sms = await somebody();
  const { id, media } = await answered(sms, { media: [{ picture: 'hills' }, { content_type: 'audio/amr', size: 3 }] });
  assert.deepEqual(media.map(({ content_type }) => content_type), ['image/png', 'audio/amr']);
  const network = badNetwork('lost', [503]);
  const reader = new MySms({ url, token: sms.token, fetch: network.fetch });
  const picture = await reader.media(id, 0);
  assert.equal(picture.type, 'image/png');
  assert.equal(Buffer.from(await picture.slice(1, 4).arrayBuffer()).toString(), 'PNG');
  assert.equal((await sms.media(id, 1)).size, 3);
  await assert.rejects(sms.media(id, 2), NotFoundError);
});

test('the answer to a text with pictures lists them', async () => {
  const sms = await somebody();
  const url = 'https://example.com/offer.jpg';
  const { id, content, media } = await sms.send({ recipient: PHONE, media_urls: [url] });
  assert.equal(content, null);
  assert.deepEqual(media.map((one) => one.url), [url]);
  assert.deepEqual((await sms.message(id)).media, media);
});

test('any other call is typed by the document', async () => {
  const sms = await somebody();
  const [session] = await sms.request('get', '/me/sessions');
  assert.equal(session?.current, true);
  const settings = await sms.request('put', '/me/settings', { body: { smart_encoding: true } });
  assert.equal(settings.smart_encoding, true);
  assert.equal((await sms.senders())[0]?.state, 'active');
});

/** What does not compile. @param {MySms} sms */
export const wrong = (sms) => [
  // @ts-expect-error no such path
  () => sms.request('get', '/mesages'),
  // @ts-expect-error the path takes no such method
  () => sms.request('delete', '/me/sessions'),
  // @ts-expect-error a body is needed
  () => sms.request('put', '/me/settings', {}),
  // @ts-expect-error the path has a parameter
  () => sms.request('delete', '/me/sessions/{id}'),
  // @ts-expect-error a text has a recipient
  () => sms.send({ content: 'Hello' }),
  // @ts-expect-error no such status
  () => sms.messages({ status: 'lost' }),
  // @ts-expect-error it may have none
  async () => (await sms.message('')).error_code.length,
];
