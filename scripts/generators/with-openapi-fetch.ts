// Signs up, sends and lists by the types of openapi-typescript.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';

import type { components, paths } from './schema.js';

const client = createClient<paths>({ baseUrl: process.env.MYSMS_URL ?? '' });
const username = `fetch_${process.pid}`;

const user = await client.POST('/signup', { body: { username, password: 'password123' } });
assert.ok(user.data, JSON.stringify(user.error));
client.use({
  onRequest: ({ request }) => request.headers.set('Authorization', `Bearer ${user.data.token}`),
});

const text = { recipient: '+14155550123', content: 'Hello from openapi-fetch' };
const told = await client.POST('/messages/preview', { body: text });
assert.equal(told.data?.acceptable, true);
const sent = await client.POST('/messages', { body: text });
const id: string | undefined = sent.data?.id;
await client.POST('/messages', { body: { ...text, content: 'And another' } });

const page = await client.GET('/messages', { params: { query: { limit: 1 } } });
assert.deepEqual(page.data?.map((message) => message.id), [id]);
const cursor = page.response.headers.get('X-Next-Cursor');
assert.ok(cursor);
const rest = await client.GET('/messages', { params: { query: { limit: 1, cursor } } });
assert.deepEqual(rest.data?.map((message) => message.content), ['And another']);

const batch = await client.POST('/messages/batch', { body: { recipients: ['+14155550124'], content: 'Hello' } });
assert.equal(batch.data?.results[0]?.accepted?.recipient, '+14155550124');
const refused = await client.POST('/messages', { body: { recipient: '1', content: '' } });
assert.deepEqual(refused.error?.errors?.map(({ field }) => field), ['recipient', 'content']);

// What else is only to be compiled.
type Told = components['schemas']['MessageReceived' | 'MessageUpdated' | 'MessageDeleted' | 'TestEvent'];
export const previous = (event: Told) => (event.type === 'message.updated' ? event.data.previous_version : null);
export const isGone = (data: components['schemas']['EventData']) => 'id' in data && !('content' in data) && !('disabled_at' in data);
