import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { moment, soon } from '../lib/time.js';
import { expectation } from '../model/expectation.js';
import { fold, placesOf } from '../lib/mark.js';
import { formatNumber, parseNumber, parsePart } from '../model/number.js';
import { exchangedAt } from '../model/standing.js';
import { cost, smart } from '../model/segments.js';

/** What the server judges by, too. */
const VECTORS = new URL('../../shared/core/tests/data/segment_vectors.json', import.meta.url);
const NUMBERS = new URL('../../shared/core/tests/data/phone_numbers.json', import.meta.url);

/** What is heard last of whoever reads what is hostile. */
const READ = 'all is read';

export function units() {
  test('the counter counts as the provider does', async () => {
    const { vectors } = JSON.parse(await readFile(VECTORS, 'utf8'));
    assert.ok(vectors.length > 10);
    for (const { body, encoding, segments, smart_encoded: smart, note } of vectors) {
      const counted = cost(body);
      assert.equal(counted.encoding, smart ? 'UCS-2' : encoding, note);
      assert.equal(counted.segments, segments, note);
    }
  });

  test('plain characters are shown only if the whole text is in the cheap alphabet then', () => {
    const told = new Map([['“', '"'], ['”', '"'], ['’', "'"], ['…', '...']]);
    assert.equal(smart('“It’s”…', told), '"It\'s"...');
    for (const kept of ['“ж”', '“🙂”', '“—”']) assert.equal(smart(kept, told), kept);
  });

  test('when a text leaves is told if it is worth a word', () => {
    const now = Date.now();
    const at = (/** @type {number} */ minutes) => new Date(now + minutes * 60_000).toISOString();
    /** @param {Partial<Parameters<typeof expectation>[0]>} text */
    const told = (text) => expectation({ send_at: null, starts_at: null, expected_at: null, expected_by: null, ...text }, now);
    const leaving = (/** @type {number} */ from, /** @type {number} */ by) => told({ expected_at: at(from), expected_by: at(by) });
    assert.equal(told({}), '');
    assert.equal(leaving(0, 0.1), '');
    assert.equal(leaving(0.3, 5), '');
    assert.equal(leaving(0.4, 0.4), 'goes out in less than a minute');
    assert.equal(leaving(1.2, 30), `goes out in about a minute, at the latest by ${moment(at(30))}`);
    assert.equal(leaving(12, 20), `goes out in about 12 minutes, at the latest by ${moment(at(20))}`);
    assert.equal(leaving(12, 12), 'goes out in about 12 minutes');
    assert.equal(leaving(200, 300), `goes out probably ${soon(at(200))}, at the latest by ${moment(at(300))}`);
    // As its user wanted it, but for what waits before it then.
    assert.equal(told({ send_at: at(60), starts_at: at(60), expected_at: at(60) }), '');
    assert.equal(told({ send_at: at(60), starts_at: at(60), expected_at: at(70) }), 'goes out in about 70 minutes');
    const quiet = `waits until ${moment(at(600))}: quiet hours`;
    assert.equal(told({ starts_at: at(600), expected_at: at(600) }), quiet);
    assert.equal(told({ send_at: at(60), starts_at: at(600) }), quiet);
    assert.equal(told({ starts_at: at(600), expected_at: at(660) }), `${quiet}, then goes out probably ${soon(at(660))}`);
    assert.equal(told({ starts_at: at(1), expected_at: at(1), attempts: 1 }), 'goes out in about a minute');
    const late = told({ expected_at: at(300), expected_by: at(400), given_up_at: at(240) });
    assert.equal(late, `expires ${soon(at(240))}, probably before it can be sent`);
  });

  test('who paused a sender is told of what waits for it, and of nothing else', () => {
    const now = Date.now();
    const at = (/** @type {number} */ minutes) => new Date(now + minutes * 60_000).toISOString();
    /** @param {'operator' | 'provider' | 'carrier'} by @param {number | null} minutes @param {Partial<Parameters<typeof expectation>[0]>} [text] */
    const told = (by, minutes, text = {}) => {
      const until = minutes === null ? null : at(minutes);
      const paused = { by, since: at(-1), until };
      return expectation({ send_at: null, starts_at: null, expected_at: until, expected_by: until, paused, ...text }, now);
    };
    const operator = 'waits: the operator has paused all sending';
    assert.equal(told('operator', null), operator);
    assert.equal(told('operator', null, { expected_at: at(30) }), operator, 'that was known before');
    assert.equal(told('operator', null, { send_at: at(60), starts_at: at(60) }), '', 'it may be over by then');
    const night = { starts_at: at(600), expected_at: at(600) };
    const quiet = `waits until ${moment(at(600))}: quiet hours`;
    assert.equal(told('operator', null, night), quiet);
    const provider = `waits at least until ${moment(at(5))}: the provider refuses this sender`;
    assert.equal(told('provider', 5), provider);
    assert.equal(told('provider', 5, night), quiet);
    assert.equal(told('provider', 5, { expected_at: at(17) }), `${provider}, then goes out in about 17 minutes, at the latest by ${moment(at(5))}`);
    const carrier = `waits until ${moment(at(900))}: this sender has sent all it may in a day`;
    assert.equal(told('carrier', 900), carrier);
    assert.equal(told('carrier', 900, night), carrier);
    const late = told('carrier', 900, { given_up_at: at(300) });
    assert.equal(late, `expires ${soon(at(300))}, probably before it can be sent`);
  });

  test('a part of a number is read however it is written', () => {
    for (const [written, digits] of [
      ['415666', '415666'], ['(415) 666-0998', '4156660998'], ['+1\u00a0415\u00a0666', '1415666'], ['0998', '998'],
      ['+49 (0)151 123', '49151123'], ['+5215512345678', '525512345678'], ['41', null], ['order 415', null], ['', null],
    ]) assert.equal(parsePart(/** @type {string} */ (written)), digits, `${written}`);
  });

  test('what is found is found whatever its case, and not twice in one place', () => {
    const places = (/** @type {string} */ text, /** @type {string} */ found) => placesOf([...text].map(fold), [...found].map(fold));
    assert.deepEqual(places('Lunch, lunch', 'LUNCH'), [0, 7]);
    assert.deepEqual(places('aaa', 'aa'), [0]);
    assert.deepEqual(places('🙂 STRAẞE', 'straße'), [2]);
    assert.deepEqual(places('İstanbul', 'stan'), [1]);
    assert.deepEqual(places('anything', ''), []);
  });

  test('a text that moved was exchanged when it went out', () => {
    const text = { id: 'a', position: 'a', sent_at: '2026-01-01T00:00:00Z', dispatched_at: '2026-01-01T00:00:01Z' };
    assert.equal(exchangedAt(/** @type {any} */ (text)), text.sent_at);
    assert.equal(exchangedAt(/** @type {any} */ ({ ...text, position: 'b' })), text.dispatched_at);
  });

  test('nothing that is pasted or received keeps the page busy for ever', async () => {
    const reader = new Worker(new URL('./hostile.js', import.meta.url));
    let reading = '';
    const read = new Promise((resolve, reject) => {
      reader.on('message', (now) => {
        reading = now;
        if (now === READ) resolve(now);
      });
      reader.once('error', reject);
      // Each text takes milliseconds, or, if it takes more than in proportion to its length, minutes.
      setTimeout(resolve, 60_000).unref();
    });
    await read;
    await reader.terminate();
    assert.equal(reading, READ);
  });

  test('numbers are read as people write them', async () => {
    const { read, refused } = JSON.parse(await readFile(NUMBERS, 'utf8'));
    for (const [written, number] of read) assert.equal(parseNumber(written), number, written);
    for (const [written] of refused) assert.equal(parseNumber(written), null, written);
    assert.equal(formatNumber('+14155550123').replaceAll('\u00a0', ' '), '+1 415 555 0123');
    for (const number of ['+4930901820', '+35312345678', '+85212345678', '+442079460000', '+12345678']) {
      assert.equal(parseNumber(formatNumber(number)), number);
    }
  });
}
