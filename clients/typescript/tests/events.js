import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthenticationError, MySms } from 'mysms-client';
import { BlockParser } from '../dist/sse.js';
import { PHONE, badNetwork, somebody } from './rig.js';

/** @import { StreamEvent } from 'mysms-client' */

const scheduled = () => ({ recipient: PHONE, content: 'Later', send_at: new Date(Date.now() + 3_600_000).toISOString() });

test('a text is followed until it is delivered', async () => {
  const sms = await somebody();
  const seen = [];
  let id = '';
  for await (const event of sms.events()) {
    if (event.type === 'ready') ({ id } = await sms.send({ recipient: PHONE, content: 'Hello' }));
    if (event.type !== 'message') continue;
    assert.equal(event.data.id, id);
    seen.push(event.data.version);
    if (event.data.status === 'delivered') break;
  }
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
});

test('after a gap the stream goes on where it was', async () => {
  const network = badNetwork();
  const sms = await somebody({ fetch: network.fetch });
  network.seen.length = 0;
  network.next('cut', 'refused', [503]);
  /** @type {string[]} */
  const connection = [];
  const onConnection = (/** @type {string} */ state) => void connection.push(state);
  let ready = '';
  /** @type {Promise<{id: string}> | undefined} */
  let sent;
  for await (const event of sms.events({ onConnection })) {
    if (event.type === 'ready') {
      ready = event.id;
      // The stream is cut by now.
      sent = new MySms({ url: String(process.env['MYSMS_URL']), token: sms.token }).send(scheduled());
    }
    if (event.type === 'message') {
      assert.equal(event.data.id, (await sent)?.id);
      break;
    }
  }
  const asked = network.seen.filter(({ path }) => path === '/events').map(({ headers }) => headers.get('Last-Event-ID'));
  assert.deepEqual(asked, [null, ready, ready, ready]);
  assert.deepEqual(connection, ['live', 'away', 'away', 'away', 'live']);
});

test('whoever was away for too long is told to read the list again', async () => {
  const sms = await somebody();
  for await (const event of sms.events({ after: '5' })) {
    assert.equal(event.type, 'reset');
    assert.notEqual(event.id, '5');
    break;
  }
});

test('a deleted text is told', async () => {
  const sms = await somebody();
  let id = '';
  for await (const event of sms.events()) {
    if (event.type === 'ready') ({ id } = await sms.send(scheduled()));
    if (event.type === 'message') await sms.delete(id);
    if (event.type !== 'deleted') continue;
    assert.deepEqual(event.data, { id });
    break;
  }
});

test('a webhook that is called no more is told', async () => {
  const sms = await somebody();
  const { id } = await sms.request('post', '/webhooks', { body: { url: 'https://example.com/sms' } });
  for await (const event of sms.events()) {
    if (event.type === 'ready') await sms.request('post', '/webhooks/{id}/disable', { path: { id } });
    if (event.type !== 'webhook.disabled') continue;
    assert.deepEqual([event.data.id, event.data.disabled_by], [id, 'owner']);
    break;
  }
});

test('a token that is no good ends the stream', async () => {
  const sms = await somebody();
  await sms.logOut();
  await assert.rejects(sms.events().next(), AuthenticationError);
});

test('a signal ends the stream, whether it is connected or not', async () => {
  const sms = await somebody();
  const ends = new AbortController();
  /** @type {StreamEvent[]} */
  const seen = [];
  for await (const event of sms.events({ signal: ends.signal })) {
    seen.push(event);
    setImmediate(() => ends.abort());
  }
  assert.deepEqual(seen.map(({ type }) => type), ['ready']);

  const away = new AbortController();
  const nowhere = new MySms({ url: 'http://127.0.0.1:1', token: 'x' });
  const onConnection = () => away.abort();
  for await (const _ of nowhere.events({ signal: away.signal, onConnection })) assert.fail('there is nothing');
});

test('what only a later server tells is passed over', async () => {
  const text = 'event: news\nid: 1\ndata: {}\n\n: alive\nid: 2\n\nevent: deleted\nid: 3\ndata: {"id":"x"}\n\n';
  const sms = new MySms({ url: 'http://127.0.0.1:1', fetch: () => Promise.resolve(new Response(text)) });
  const { value } = await sms.events().next();
  assert.deepEqual(value, { type: 'deleted', id: '3', data: { id: 'x' } });
});

test('a stream means the same wherever it is cut', () => {
  const stream = 'retry: 10\r\n\r\n: hi\r\rid: 7\rdata: a\rdata\rdata:  b\r\rid:8\n\nevent: x\ndata:é\nother: 1\n\ndata: unfinished';
  const nothing = { event: 'message', data: null, id: null, retry: null };
  const expected = [
    { ...nothing, retry: 10 },
    nothing,
    { ...nothing, id: '7', data: 'a\n\n b' },
    { ...nothing, id: '8' },
    { ...nothing, event: 'x', data: 'é' },
  ];
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const parser = new BlockParser();
    const blocks = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
    assert.deepEqual(blocks, expected, `cut at ${cut}`);
  }
});
