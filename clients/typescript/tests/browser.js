import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { PHONE, url } from './rig.js';

/** @import { AddressInfo } from 'node:net' */

test('a page of another origin signs up, sends and follows', async () => {
  const dist = new URL('../dist/', import.meta.url);
  const server = createServer(async ({ url: path = '/' }, answer) => {
    if (path === '/') return answer.setHeader('Content-Type', 'text/html').end('<!doctype html>');
    const file = await readFile(new URL(path.slice(1), dist)).catch(() => null);
    return answer.setHeader('Content-Type', 'text/javascript').writeHead(file ? 200 : 404).end(file);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {AddressInfo} */ (server.address());
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${port}/`);
    const statuses = await page.evaluate(
      async ({ url, recipient, username, module }) => {
        const { MySms } = await import(module);
        const sms = await MySms.signUp({ url, username, password: 'correct horse' });
        const seen = [];
        for await (const event of sms.events()) {
          if (event.type === 'ready') await sms.send({ recipient, content: 'From a page' });
          if (event.type !== 'message') continue;
          seen.push(event.data.status);
          if (event.data.status === 'delivered') break;
        }
        const pages = [];
        await sms.send({ recipient, content: 'Another' });
        for await (const { items } of sms.messages({ limit: 1 }).pages()) pages.push(items.length);
        return { last: seen.at(-1), pages };
      },
      { url, recipient: PHONE, username: `b-${randomUUID()}`, module: '/index.js' },
    );
    assert.deepEqual(statuses, { last: 'delivered', pages: [1, 1] });
  } finally {
    await browser.close();
    server.close();
  }
});
