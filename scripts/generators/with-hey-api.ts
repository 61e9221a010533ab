// Signs up, sends, lists and follows events by the client of @hey-api/openapi-ts.
import assert from 'node:assert/strict';

import { client } from './hey/client.gen.js';
import { listMessages, previewMessage, sendMessage, sendMessages, signUp, streamEvents } from './hey/sdk.gen.js';

client.setConfig({ baseUrl: process.env.MYSMS_URL ?? '' });
const username = `hey_${process.pid}`;

const user = await signUp({ body: { username, password: 'password123' } });
assert.ok(user.data, JSON.stringify(user.error));
const { token } = user.data;
client.setConfig({ auth: () => token });

const { stream } = await streamEvents();
const ready = await stream.next();
assert.deepEqual(ready.value, {});

const text = { recipient: '+14155550123', content: 'Hello from hey-api' };
const told = await previewMessage({ body: text });
assert.equal(told.data?.acceptable, true);
const sent = await sendMessage({ body: text });
const id: string | undefined = sent.data?.id;

const event = await stream.next();
assert.ok(event.value && 'content' in event.value && event.value.id === id);

const list = await listMessages();
assert.deepEqual(list.data?.map((message) => message.id), [id]);
const batch = await sendMessages({ body: { messages: [{ recipient: '+14155550124', content: 'Hello' }] } });
assert.equal(batch.data?.accepted, 1);
process.exit();
