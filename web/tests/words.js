import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { words as de } from '../words/de.js';
import { words as en } from '../words/en.js';
import { words as es } from '../words/es.js';

const WEB = new URL('../', import.meta.url);

/** What people read comes from here. */
const SPEAKING = ['views', 'parts', 'model'];

/** What is found by a name that the server says: it must be all of them. */
const BY_CODE = ['problems', 'faults', 'reasons'];

/** Names that are the same in any language: of keys, of the product, and what browsers and the API call something. */
const SILENT = [/^(Enter|Backspace|Delete|Esc|Escape|Tab|Home|End|Arrow\w+|Page\w+)$/, /^MySMS Messenger$/, /^Files$/, /^noopener /, /^moved to another sender$/, /^Windows-1252$/];

/** The catalogues of words, and that nothing is said beside them. */
export function vocabulary() {
  test('every word of the catalogue is said somewhere', async () => {
    const text = (await sources([...SPEAKING, 'api', 'lib', '.'])).map(({ code }) => code).join('\n');
    const unused = leaves(en).filter(({ path }) => !isSaid(text, path));
    assert.deepEqual(unused.map(({ path }) => path.join('.')), []);
  });

  test('views, parts and models say nothing that is not in the catalogue', async () => {
    const silent = await classes();
    const said = (await sources(SPEAKING)).flatMap(({ name, code }) => literals(code).filter((text) => isSpoken(text, silent)).map((text) => `${name}: ${text}`));
    assert.deepEqual(said, []);
  });

  for (const [name, other] of Object.entries({ de, es })) {
    test(`${name} has the same places as English in what it says, and says it`, () => {
      const theirs = new Map(leaves(other).map(({ path, value }) => [path.join('.'), value]));
      for (const { path, value } of leaves(en)) {
        const there = theirs.get(path.join('.'));
        assert.equal(typeof there, typeof value, path.join('.'));
        assert.deepEqual(places(there), places(value), path.join('.'));
        assert.ok(typeof there !== 'string' || there.trim(), path.join('.'));
        if (typeof value === 'function') assert.equal(/** @type {Function} */ (there).length, value.length, path.join('.'));
      }
    });
  }

  test('what the server says is translated for what it does say, into all languages', async () => {
    const codes = await rust('api/src/error.rs');
    for (const code of Object.keys(de.problems)) assert.ok(codes.includes(`=> "${code}",`), code);
    const core = (await Promise.all(['api/src', 'shared/core/src', 'shared/webhooks/src'].map(rustOf))).join('\n');
    for (const fault of Object.keys(de.faults)) assert.ok(core.includes(`"${fault}"`), fault);
    for (const table of /** @type {const} */ (['problems', 'faults', 'reasons'])) {
      assert.deepEqual(Object.keys(es[table]).sort(), Object.keys(de[table]).sort());
    }
  });
}

/** @typedef {{path: string[], value: unknown}} Leaf */

/** @param {object} tree @param {string[]} [above] @returns {Leaf[]} all that is said, but for what the server has a name for */
function leaves(tree, above = []) {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = [...above, name];
    if (BY_CODE.includes(path.join('.'))) return [];
    return typeof value === 'object' ? leaves(value, path) : [{ path, value }];
  });
}

/** By its own name, or as one of a group that is asked by a value. @param {string} text @param {string[]} path */
function isSaid(text, path) {
  const [own, group] = [path.join('.'), path.slice(0, -1).join('.')];
  const asked = [`\\b${own.replaceAll('.', '\\.')}\\b`, ...(group ? [`\\bwords\\.${group.replaceAll('.', '\\.')}(?=\\[|[;,)])`] : [])];
  if (path.length > 2) asked.push(`\\bwords\\.${path.slice(0, -2).join('\\.')}\\[`);
  return asked.some((pattern) => new RegExp(pattern.replace(/^\\b(?!words)/, '\\bwords\\.')).test(text));
}

/** What stands in the places of a template. @param {unknown} value */
const places = (value) => (typeof value === 'string' ? [...value.matchAll(/\{\w+\}/g)].map(String).sort() : []);

/** @param {string[]} folders @returns {Promise<{name: string, code: string}[]>} modules without their comments */
async function sources(folders) {
  const files = folders.map(async (folder) => {
    const names = (await readdir(new URL(`${folder}/`, WEB))).filter((name) => name.endsWith('.js'));
    return Promise.all(names.map(async (name) => ({ name: `${folder}/${name}`, code: plain(await readFile(new URL(`${folder}/${name}`, WEB), 'utf8')) })));
  });
  return (await Promise.all(files)).flat();
}

/** Without what nobody reads. @param {string} code */
const plain = (code) => code.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '').replace(/new Error\('[^']*'\)/g, '').replace(/^(import|\} from) .*;$/gm, '');

/** @param {string} code @returns {string[]} what stands in quotes */
const literals = (code) =>
  [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(([, single, template]) => single ?? (template ?? '').replace(/\$\{[^}]*\}/g, ''));

/** @returns {Promise<Set<string>>} */
async function classes() {
  const names = (await readdir(WEB)).filter((name) => name.endsWith('.css'));
  const styles = await Promise.all(names.map((name) => readFile(new URL(name, WEB), 'utf8')));
  return new Set(styles.flatMap((style) => [...style.matchAll(/\.([a-z][a-z-]*)/g)].map(([, name]) => name ?? '')));
}

/** Whether people would read it: a word with a capital, or several that are not classes. @param {string} text @param {Set<string>} silent */
function isSpoken(text, silent) {
  if (SILENT.some((pattern) => pattern.test(text)) || text.split(/\s+/).every((word) => silent.has(word))) return false;
  return /(^|\s)[A-Z][a-z]{2,}/.test(text) || /[a-z]{2,} [a-z]{2,}/.test(text);
}

/** @param {string} path @returns {Promise<string>} */
const rust = (path) => readFile(new URL(`../${path}`, WEB), 'utf8');

/** @param {string} folder */
async function rustOf(folder) {
  const names = await readdir(new URL(`../${folder}/`, WEB), { recursive: true });
  const files = await Promise.all(names.filter((name) => name.endsWith('.rs')).map((name) => rust(`${folder}/${name}`)));
  return files.join('\n');
}
