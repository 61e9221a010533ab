import { find } from '../api/client.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { conversationPlace, go } from '../lib/router.js';
import { brief } from '../lib/time.js';
import { formatNumber, parseNumber } from '../model/number.js';
import { briefStatus, counted, hasFailed, said, SENT_STATUSES, statusName } from '../model/wording.js';
import { exportButtons } from '../parts/export.js';
import { empty, failed, loading } from '../parts/states.js';

/** @import { Search } from '../api/client.js' */
/** @import { Message } from '../api/types.js' */
/** @import { Setup } from '../model/setup.js' */
/** @import { View } from './home.js' */

/** The longest text that can be looked for. */
const LONGEST = 100;

/** Pages without a find are followed by themselves, but not without end. */
const EMPTY_PAGES = 10;

/** Looks for texts that were sent. @param {URLSearchParams} query @param {Setup} setup @param {AbortSignal} signal @returns {View} */
export function searchView(query, setup, signal) {
  const input = h('input', { class: 'input', type: 'search', 'aria-label': 'Words or a number', placeholder: 'Words or a number', maxlength: LONGEST });
  input.value = query.get('q') ?? query.get('reference') ?? '';
  const where = h(
    'select',
    { class: 'input', 'aria-label': 'Where' },
    h('option', { value: 'q' }, 'In texts and numbers'),
    h('option', { value: 'reference' }, 'In references'),
  );
  where.value = query.has('reference') ? 'reference' : 'q';
  const status = h(
    'select',
    { class: 'input', 'aria-label': 'Status' },
    h('option', { value: '' }, 'Any status'),
    ...SENT_STATUSES.map((value) => h('option', { value }, statusName(value))),
  );
  status.value = query.get('status') ?? '';
  const search = () => wanted(where.value, input.value, status.value);
  const results = h('div', { class: 'results' });
  const look = (/** @type {Event} */ event) => {
    event.preventDefault();
    const place = new URLSearchParams();
    if (input.value.trim()) place.set(where.value, input.value.trim());
    if (status.value) place.set('status', status.value);
    go(`#/search?${place}`, { replace: true });
  };
  const form = h(
    'form',
    { class: 'search', role: 'search', onsubmit: look },
    input,
    where,
    status,
    h('button', { class: 'button primary' }, 'Search'),
  );
  status.addEventListener('change', look);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': 'All conversations', title: 'All conversations' }, icon('back'));
  const save = h('details', { class: 'fold' }, h('summary', {}, 'Save what is found'), exportButtons(search));
  const element = h(
    'section',
    { class: 'view', 'aria-label': 'Search' },
    h('div', { class: 'bar' }, back, h('h2', {}, 'Search')),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': 'What is looked for' }, form, results, save),
  );
  const asked = ['q', 'reference', 'status'].some((name) => query.has(name));
  save.hidden = !asked;
  if (asked) show(results, search(), setup, signal);
  else fill(results, empty('search', 'Look for texts you sent', 'By a piece of the text, the number they went to, the reference that a program gave them, or what became of them.'));
  return { element, title: 'Search', focus: () => input.focus() };
}

/** @param {string} where @param {string} text @param {string} status @returns {Search} */
function wanted(where, text, status) {
  if (where === 'reference') return { reference: text.trim(), status };
  const number = parseNumber(text);
  return number ? { recipient: number, status } : { q: text.trim(), status };
}

/** @param {HTMLElement} results @param {Search} search @param {Setup} setup @param {AbortSignal} signal */
async function show(results, search, setup, signal) {
  const list = h('ul', { class: 'rows' });
  /** @param {string | null} cursor */
  const load = async (cursor) => {
    fill(results, list, loading(4, 'rows'));
    try {
      const { items, next } = await further(search, cursor);
      if (signal.aborted) return;
      const first = list.childElementCount;
      list.append(...items.map((message) => found(message, setup.route(message))));
      const total = list.childElementCount;
      announce(total === 0 ? 'Nothing found' : `${counted(total, 'text')} found${next ? ', and there may be more' : ''}`);
      const more = () => h('button', { type: 'button', class: 'button wide', onclick: () => load(next) }, 'Look further');
      fill(results, list, total === 0 && empty('search', 'Nothing found', 'Only texts that you sent are looked through.'), next && more());
      if (first > 0) list.children[first]?.querySelector('a')?.focus();
    } catch (error) {
      if (!signal.aborted) fill(results, list, failed('Not found out', sentence(error), () => load(cursor)));
    }
  };
  await load(null);
}

/** @param {Search} search @param {string | null} cursor */
async function further(search, cursor) {
  let page = await find(search, cursor);
  for (let pages = 1; page.items.length === 0 && page.next && pages < EMPTY_PAGES; pages += 1) {
    page = await find(search, page.next);
  }
  return page;
}

/** @param {Message} message @param {string} route if it is worth telling */
const found = (message, route) =>
  h(
    'li',
    {},
    h(
      'a',
      { class: 'row', href: conversationPlace(message.counterpart) },
      h('span', { class: 'row-number' }, formatNumber(message.counterpart)),
      h('time', { class: 'row-time', datetime: message.sent_at }, brief(message.sent_at)),
      h('span', { class: 'row-text' }, said(message)),
      h('span', { class: hasFailed(message) ? 'row-status failed' : 'row-status' }, route && `${route} · `, briefStatus(message)),
    ),
  );
