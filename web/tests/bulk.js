import assert from 'node:assert/strict';
import { test } from 'node:test';

import { partNames } from '../model/campaign.js';
import { dueNow, requestOf, tried } from '../model/campaign-request.js';
import { TableFault, decode, delimiterOf, lineOf, rowsOf } from '../model/csv.js';
import { columnNames, fieldsIn, filled } from '../model/merge.js';
import { Recipients, faultOf, isList, split } from '../model/recipients.js';
import { Roll } from '../model/roll.js';
import { Table } from '../model/table.js';

/** What stands behind texts to many, without a browser. */
export function bulk() {
  test('numbers are told apart however a list of them is written', () => {
    assert.deepEqual(split('+1 415 555 0123, +49 (0)151/123-45678;\n\n+44 20 7946 0000\t0044207946\r\n'), [
      '+1 415 555 0123', '+49 (0)151/123-45678', '+44 20 7946 0000', '0044207946',
    ]);
    for (const text of ['+14155550123', '+1 (415) 555-0123', '']) assert.equal(isList(text), false, text);
  });

  test('each recipient is there once, and what is wrong with one is said', () => {
    const people = new Recipients();
    assert.deepEqual(people.add(['+1 415 555 0123', '+14155550123', '12', '12', '0151 1234567']), { added: 1, wrong: 2, doubled: 2, left: 0 });
    assert.deepEqual(people.numbers(), ['+14155550123']);
    for (const [written, fault] of /** @type {[string, RegExp][]} */ ([
      ['', /no number/], ['0151 1234567', /country/], ['+4915', /short/], ['+1 415 CALL NOW', /letters/], ['+1234567890123456', /full phone number/],
    ])) assert.match(faultOf(written), fault);
    for (const good of ['+1 (415) 555-0123', 'tel:+14155550123', '0044 20 7946 0000']) assert.equal(faultOf(good), '');
    const many = Array.from({ length: 1200 }, (_, place) => `+1415555${String(place).padStart(4, '0')}`);
    assert.deepEqual(people.add(many), { added: 997, wrong: 0, doubled: 1, left: 202 });
    assert.equal(people.list.length, 1000);
  });

  test('a table is read as it was written, whatever wrote it', () => {
    const fields = (/** @type {string} */ text, delimiter = ',') => [...rowsOf(text, delimiter)].map((row) => row.fields);
    assert.deepEqual(fields('a,b\r\n1,2\r\n'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(fields('a,b\r1,2'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(fields('"a ""b""\nc", d ,"",""\n,,\n\n1,2,3,4'), [['a "b"\nc', ' d ', '', ''], ['1', '2', '3', '4']]);
    assert.deepEqual(fields('a "quoted" word,"x"y\n1,2'), [['a "quoted" word', 'xy'], ['1', '2']]);
    assert.deepEqual(fields('a|b\n1|2', '|'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(fields('a\tb\n1\t2', '\t'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(fields('1,'), [['1', '']]);
    assert.deepEqual(fields(''), []);
    assert.deepEqual([...rowsOf('sep=;\nname;number\n\nA;1', ';')].map(({ row }) => row), [2, 4]);
    assert.throws(() => fields('a,b\n1,"2\n3,4\n'), (error) => error instanceof TableFault && error.message === '2');
  });

  test('what stands between the columns is found', () => {
    for (const [text, delimiter] of /** @type {[string, string][]} */ ([
      ['a,b\n1,2', ','], ['a;b\n"1,5";2\n"2,5";3', ';'], ['a\tb\n1\t2', '\t'], ['a|b\n1|2', '|'], ['+14155550123\n+14155550124', ','],
      ['Name;Text\nA;"x,y,z"\nB;"x,y,z"', ';'],
    ])) assert.equal(delimiterOf(text), delimiter, text);
  });

  test('the encoding of a table is found, with and without a mark', () => {
    const text = 'Name;Größe\nJürgen;“1”';
    const utf16 = (/** @type {boolean} */ little, /** @type {boolean} */ marked) => {
      const whole = (marked ? '\ufeff' : '') + text.replace('“1”', '1');
      const view = new DataView(new ArrayBuffer(whole.length * 2));
      for (let place = 0; place < whole.length; place += 1) view.setUint16(2 * place, whole.charCodeAt(place), little);
      return view.buffer;
    };
    const bytes = (/** @type {number[]} */ ...all) => new Uint8Array(all).buffer;
    for (const little of [true, false]) for (const marked of [true, false]) {
      const { text: read, encoding } = decode(utf16(little, marked));
      assert.equal(encoding, 'UTF-16');
      assert.equal(read, text.replace('“1”', '1'));
    }
    const utf8 = new TextEncoder().encode(`\ufeff${text}`).buffer;
    assert.deepEqual(decode(utf8), { text, encoding: 'UTF-8' });
    assert.deepEqual(decode(utf8.slice(3)), { text, encoding: 'UTF-8' });
    assert.deepEqual(decode(bytes(0x4a, 0xfc, 0x72)), { text: 'Jür', encoding: 'Windows-1252' });
  });

  test('the column with the numbers and the names of the columns are found', () => {
    const table = (/** @type {string} */ text) => new Table('people.csv', new TextEncoder().encode(text).buffer);
    const named = table('Name,Name,,Phone\nA,B,C,+14155550123');
    assert.deepEqual([named.columns, named.numbers, named.hasHeader], [['Name', 'Name 2', 'column 3', 'Phone'], 3, true]);
    const bare = table('+14155550123;A\n+14155550124;B');
    assert.deepEqual([bare.columns, bare.numbers, bare.hasHeader, [...bare.people()].length], [['column 1', 'column 2'], 0, false, 2]);
    assert.deepEqual(columnNames(['{{a}}', 'a', ' ']), ['a', 'a 2', 'column 3']);
  });

  test('fields are filled in, and a row without one of them is refused', async () => {
    assert.deepEqual(fieldsIn('{{ a }} {{b}} {{a}} {c} {{}}'), ['a', 'b', '']);
    const values = { a: ' 1 ', b: '' };
    const filledIn = filled('{{a}}, {{ b }}{{c}}: {x}', (name) => values[/** @type {'a'} */ (name)] ?? '');
    assert.deepEqual(filledIn, { content: '1, : {x}', missing: ['b', 'c'] });
    for (const blank of ['\u200b', ' \u2060\ufeff', '\u3164', '\u2800']) assert.deepEqual(filled('Hi {{a}}', () => blank).missing, ['a']);
    assert.deepEqual(filled('Hi {{a}}', () => '❤️').missing, []);
    // What is filled in is no pattern.
    assert.equal(filled('{{a}}', () => '$& {{b}}').content, '$& {{b}}');
    const text = `to,name\n+14155550123,A\n+1 415 555 0123,B\n12,C\n+14155550124,\n+14155550125,${'x'.repeat(1600)}\n+14155550126,ж`;
    const roll = new Roll(new Table('people.csv', new TextEncoder().encode(text).buffer), 'Hi {{name}}');
    await roll.read(() => {}, new AbortController().signal);
    assert.deepEqual(roll.due, [{ row: 2, number: '+14155550123', content: 'Hi A' }, { row: 7, number: '+14155550126', content: 'Hi ж' }]);
    assert.deepEqual(roll.refused.map(({ row, reason }) => `${row}: ${reason}`), [
      '3: The same number as in row 2.', '4: The country code is missing, such as +1 or +49.', '5: Nothing in name.', '6: It is 3 characters too long.',
    ]);
    assert.deepEqual([roll.segments, roll.dear, roll.long], [2, 1, 0]);
  });

  test('a text of a campaign is asked for as it was, as long as the server may have it', () => {
    /** @type {any} */
    const campaign = { id: 'c', name: 'Sale', parts: 2, lists: 1, terms: { sendAt: '2026-01-01T10:00:00Z' } };
    /** @type {any} */
    const part = { triedAt: null, tried: 0, late: false, due: [] };
    const due = { row: 7, number: '+14155550123', content: 'Hi' };
    const before = Date.parse('2026-01-01T09:00:00Z');
    const first = tried(campaign, part, before, 1000);
    const request = requestOf(campaign, first, due);
    assert.deepEqual(request, { recipient: due.number, content: 'Hi', class: 'bulk', send_at: campaign.terms.sendAt, tags: { campaign: 'Sale', row: '7' }, idempotency_key: 'c:7' });
    assert.deepEqual(requestOf(campaign, tried(campaign, first, before + 7_200_000, 1000), due), request);
    // What the server does not have leaves at once when its time has come.
    const late = tried(campaign, part, before + 7_200_000, 1000);
    assert.equal(requestOf(campaign, late, due).send_at, undefined);
    assert.deepEqual(partNames(campaign), ['c part 0000', 'c part 0001', 'c list 0000']);
  });

  test('some of a part is handed over, and the same again as long as the server may have it', () => {
    /** @type {any} */
    const campaign = { terms: { sendAt: null } };
    const due = Array.from({ length: 10 }, (_, row) => ({ row, number: '', content: '' }));
    /** @type {any} */
    const part = { triedAt: null, tried: 0, late: false, due };
    const first = tried(campaign, part, 1, 4);
    assert.deepEqual(dueNow(first), due.slice(0, 4));
    assert.deepEqual(dueNow(tried(campaign, first, 2, 8)), due.slice(0, 4));
    assert.deepEqual(dueNow(tried(campaign, { ...first, triedAt: null }, 2, 80)), due);
    // What an earlier version of the page handed over was a part as a whole.
    assert.deepEqual(dueNow({ ...part, triedAt: 1, tried: undefined }), due);
  });

  test('rows are read in slices of 500 at most, and the page does something else in between', async () => {
    const rows = Array.from({ length: 2500 }, (_, place) => `+1415${String(5_550_000 + place)}`);
    const roll = new Roll(new Table('people.csv', new TextEncoder().encode(`to\n${rows.join('\n')}`).buffer), 'Hi');
    /** @type {number[]} */
    const reached = [];
    let turns = 0;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      turns += 1;
      port2.postMessage(null);
    };
    port2.postMessage(null);
    await roll.read(() => reached.push(roll.size), new AbortController().signal);
    port1.close();
    assert.equal(roll.size, 2500);
    assert.ok(reached.every((size, place) => size - (reached[place - 1] ?? 0) <= 500), reached.join(' '));
    assert.ok(turns >= 4, `${turns} turns of something else`);
  });

  test('a table that is saved shows what was in it, and runs nothing', () => {
    assert.equal(lineOf(['=1', 'a;=1+1;b', '\t=1']), `'=1,"a;'=1+1;b","'\t'=1"\r\n`);
    assert.equal(lineOf(['+14155550123', '=1+1', 'a "b"', 'x\ny', null, 3, '-2']), `+14155550123,'=1+1,"a ""b""","x\ny",,3,-2\r\n`);
  });
}
