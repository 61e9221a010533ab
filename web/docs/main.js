import { address } from '../lib/base.js';
import { fill, h, setText, uniqueId } from '../lib/dom.js';
import { Contract } from './contract.js';
import { showLogin } from './login.js';
import { method, showOperation } from './operation.js';
import { showStart } from './start.js';

/** @import { Group, Operation } from './contract.js' */
/** @import { Installation } from './start.js' */

const calls = /** @type {HTMLElement} */ (document.getElementById('calls'));
const shown = /** @type {HTMLElement} */ (document.getElementById('shown'));

showLogin();
try {
  const [document, installation] = await Promise.all([read('openapi.json'), read('client.json')]);
  begin(new Contract(document), installation);
} catch (error) {
  const why = error instanceof Error ? error.message : error;
  fill(shown, h('h1', {}, 'Not loaded'), h('p', {}, `The server cannot be reached: ${why}.`), h('p', {}, h('a', { href: '' }, 'Try again')));
}

/** @param {string} path */
async function read(path) {
  const answer = await fetch(address(path));
  if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}`);
  return answer.json();
}

/** @param {Contract} contract @param {Installation} installation */
function begin(contract, installation) {
  const groups = contract.groups();
  const links = list(groups);
  let left = new AbortController();
  /** @param {boolean} byUser */
  const go = (byUser) => {
    left.abort();
    left = new AbortController();
    const id = location.hash.slice(2);
    const operation = groups.flatMap((group) => group.operations).find(({ said }) => said.operationId === id);
    const parts = operation ? showOperation(contract, operation, left.signal) : showStart(contract, installation, left.signal);
    fill(shown, ...parts);
    document.title = operation ? `${operation.said.summary} · MySMS Messenger API` : 'MySMS Messenger API';
    for (const [name, link] of links) {
      if (name === (operation ? id : '')) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (!byUser) return;
    scrollTo(0, 0);
    shown.querySelector('h1')?.focus({ preventScroll: true });
  };
  addEventListener('hashchange', () => go(true));
  go(false);
}

/** The calls by their headings, with a field to find one. @param {Group[]} groups @returns {Map<string, HTMLElement>} the links by operation */
function list(groups) {
  const links = new Map([['', h('a', { href: '#/' }, 'Start here')]]);
  const parts = groups.map((group) => {
    const items = group.operations.map((operation) => ({ operation, item: h('li', {}, link(links, operation)) }));
    const part = h('section', {}, h('h2', {}, group.description), h('ul', {}, ...items.map(({ item }) => item)));
    return { part, items };
  });
  const search = h('input', { class: 'input', type: 'search', id: uniqueId('find'), autocomplete: 'off' });
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const { part, items } of parts) {
      for (const { operation, item } of items) {
        item.hidden = !`${operation.said.summary} ${operation.method} ${operation.path}`.toLowerCase().includes(wanted);
        found += Number(!item.hidden);
      }
      part.hidden = items.every(({ item }) => item.hidden);
    }
    const polite = document.getElementById('polite');
    if (polite) setText(polite, `${found} calls`);
  });
  const wide = matchMedia('(min-width: 60rem)');
  const all = h('details', { class: 'all', open: wide.matches },
    h('summary', {}, 'All calls'),
    h('div', { class: 'field' }, h('label', { for: search.id }, 'Find a call'), search),
    ...parts.map(({ part }) => part));
  wide.addEventListener('change', () => {
    all.open = wide.matches;
  });
  fill(calls, links.get('') ?? null, all);
  return links;
}

/** @param {Map<string, HTMLElement>} links @param {Operation} operation */
function link(links, operation) {
  const { operationId, summary } = operation.said;
  const made = h('a', { href: `#/${operationId}`, title: operation.path }, method(operation), ' ', summary);
  links.set(operationId, made);
  return made;
}
