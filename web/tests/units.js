import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { formatNumber, parseNumber } from '../model/number.js';
import { cost, smart } from '../model/segments.js';

/** What the server judges by, too. */
const VECTORS = new URL('../../shared/core/tests/data/segment_vectors.json', import.meta.url);
const NUMBERS = new URL('../../shared/core/tests/data/phone_numbers.json', import.meta.url);

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

  test('numbers are read as people write them', async () => {
    const { read, refused } = JSON.parse(await readFile(NUMBERS, 'utf8'));
    for (const [written, number] of read) assert.equal(parseNumber(written), number, written);
    for (const [written] of refused) assert.equal(parseNumber(written), null, written);
    assert.equal(formatNumber('+14155550123').replaceAll('\u00a0', ' '), '+1 415 555 0123');
    for (const number of ['+4930901820', '+35312345678', '+85212345678', '+442079460000', '+12345678']) {
      assert.equal(parseNumber(formatNumber(number)), number);
    }
  });

  test('the page asks for all its modules at once', async () => {
    const page = await readFile(new URL('../index.html', import.meta.url), 'utf8');
    const asked = [...page.matchAll(/rel="modulepreload" href="web\/([^"]+)"/g)].map((match) => match[1]);
    const folders = ['api', 'lib', 'model', 'parts', 'views'];
    const files = folders.map(async (folder) => {
      const names = await readdir(new URL(`../${folder}/`, import.meta.url));
      return names.map((name) => `${folder}/${name}`);
    });
    const modules = (await Promise.all(files)).flat().filter((name) => name !== 'api/types.js');
    assert.deepEqual(asked.sort(), modules.sort());
  });
}
