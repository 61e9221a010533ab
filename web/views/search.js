import { conversations } from '../api/client.js';
import { find } from '../api/search.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { marked } from '../lib/mark.js';
import { conversationPlace, go } from '../lib/router.js';
import { brief } from '../lib/time.js';
import { words } from '../lib/words.js';
import { formatNumber, parsePart } from '../model/number.js';
import { exchangedAt } from '../model/standing.js';
import { briefStatus, hasFailed, said, SENT_STATUSES, statusName } from '../model/wording.js';
import { exportButtons } from '../parts/export.js';
import { empty, failed, loading } from '../parts/states.js';

/** @import { Search } from '../api/search.js' */
/** @import { Child } from '../lib/dom.js' */
/** @import { Contact, Conversation, Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** The longest text that can be looked for. */
const LONGEST = 100;

/** Pages without a find are followed by themselves, but not without end. */
const EMPTY_PAGES = 10;

/** As many conversations are shown for a part of a number. */
const PEOPLE = 20;

/** Where one looks among what was exchanged with somebody. @param {string} counterpart */
export const searchPlace = (counterpart) => `#/search?${new URLSearchParams({ with: counterpart })}`;

/** Looks for texts that were sent or received. @param {URLSearchParams} query @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function searchView(query, desk, signal) {
  const input = h('input', { class: 'input', type: 'search', 'aria-label': words.search.words, placeholder: words.search.words, maxlength: LONGEST });
  input.value = query.get('q') ?? query.get('reference') ?? '';
  const where = h(
    'select',
    { class: 'input', 'aria-label': words.search.where },
    h('option', { value: 'q' }, words.search.inTexts),
    h('option', { value: 'reference' }, words.search.inReferences),
  );
  where.value = query.has('reference') ? 'reference' : 'q';
  const status = h(
    'select',
    { class: 'input', 'aria-label': words.search.status },
    h('option', { value: '' }, words.search.anyStatus),
    ...SENT_STATUSES.map((value) => h('option', { value }, statusName(value))),
  );
  status.value = query.get('status') ?? '';
  let counterpart = query.get('with') ?? '';
  const results = h('div', { class: 'results' });
  const look = (/** @type {Event} */ event) => {
    event.preventDefault();
    const place = new URLSearchParams();
    if (input.value.trim()) place.set(where.value, input.value.trim());
    if (status.value) place.set('status', status.value);
    if (counterpart) place.set('with', counterpart);
    go(`#/search?${place}`, { replace: true });
  };
  const name = h('span', { dir: 'auto' });
  const drop = h('button', { type: 'button', class: 'drop', onclick: (event) => everywhere(event) }, icon('close'));
  const chip = h('div', { class: 'chip', hidden: !counterpart }, name, drop);
  const showWhom = () => {
    setText(name, words.search.with(desk.contacts.shown(counterpart)));
    const label = words.files.remove(desk.contacts.shown(counterpart));
    drop.setAttribute('aria-label', label);
    drop.title = label;
  };
  if (counterpart) {
    desk.contacts.changes.on(showWhom, signal);
    showWhom();
  }
  const form = h(
    'form',
    { class: 'search', role: 'search', onsubmit: look },
    input,
    where,
    status,
    h('button', { class: 'button primary' }, words.common.search),
    chip,
  );
  status.addEventListener('change', look);
  /** @param {Event} event */
  const everywhere = (event) => {
    counterpart = '';
    look(event);
  };
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const save = h('details', { class: 'fold' });
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.common.search },
    h('div', { class: 'bar' }, back, h('h2', {}, words.common.search)),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.search.results }, form, results, save),
  );
  const asked = ['q', 'reference', 'status', 'with'].some((name) => query.has(name));
  save.hidden = !asked;
  const search = wanted(query);
  if (asked) {
    const part = search.q && !search.recipient ? parsePart(search.q) : null;
    fill(save, h('summary', {}, words.search.export), ...savers(search, part));
    show(results, search, part, desk, signal);
  } else fill(results, empty('search', words.search.beginTitle, words.search.begin));
  return { element, title: words.common.search, focus: () => input.focus() };
}

/** @param {URLSearchParams} query @returns {Search} */
function wanted(query) {
  const [q, reference, status, recipient] = ['q', 'reference', 'status', 'with'].map((name) => query.get(name) ?? '');
  // What was received has no status that tells anything.
  return { ...(q && { q }), ...(reference && { reference }), ...(status && { status }), ...(recipient && { recipient }), direction: status ? 'outbound' : 'any' };
}

/** @param {Search} search @param {string | null} part of a number */
function savers(search, part) {
  const { q, ...rest } = search;
  const found = exportButtons(() => search, words.search.exportFound);
  return part ? [found, exportButtons(() => ({ ...rest, number: part }), words.search.exportNumber(part))] : [found];
}

/** @param {HTMLElement} results @param {Search} search @param {string | null} part @param {Desk} desk @param {AbortSignal} signal */
async function show(results, search, part, desk, signal) {
  const people = h('ul', { class: 'rows' });
  const list = h('ul', { class: 'rows' });
  /** @type {Conversation[]} */
  let others = [];
  /** What stands below what was found. @type {() => Child[]} */
  let below = () => [];
  const put = (rest = below) => {
    below = rest;
    fill(people, ...peopleOf(desk, search, others));
    const has = people.childElementCount > 0;
    fill(results, has && h('h3', {}, words.search.conversations), has && people, has && list.childElementCount > 0 && h('h3', {}, words.search.texts), list, ...rest());
  };
  // Whom the user knows may be known only later.
  desk.contacts.changes.on(() => {
    for (const name of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-number]'))) setText(name, desk.contacts.shown(name.dataset.number ?? ''));
    put();
  }, signal);
  /** @param {string | null} cursor */
  const load = async (cursor) => {
    put(() => [loading(4, 'rows')]);
    try {
      if (cursor === null && part) others = (await conversations(PEOPLE, null, { number: part })).items;
      const { items, next } = await further(search, cursor);
      if (signal.aborted) return;
      const first = list.childElementCount;
      list.append(...items.map((message) => hit(message, search.q ?? '', desk)));
      const isNothing = () => list.childElementCount + people.childElementCount === 0;
      const more = next && h('button', { type: 'button', class: 'button wide', onclick: () => load(next) }, words.common.loadMore);
      put(() => [isNothing() && empty('search', words.search.nothing, next ? words.search.unfinished : ''), more]);
      announce(summary(people.childElementCount, list.childElementCount, next !== null));
      if (first > 0) list.children[first]?.querySelector('a')?.focus();
    } catch (error) {
      if (!signal.aborted) put(() => [failed(words.search.failed, sentence(error), () => load(cursor))]);
    }
  };
  await load(null);
}

/** @param {number} people @param {number} texts @param {boolean} more */
function summary(people, texts, more) {
  const found = [people > 0 ? words.count.conversations(people) : '', texts > 0 ? words.count.texts(texts) : ''].filter(Boolean);
  return found.length > 0 ? words.search.found(found, more) : words.search.nothing;
}

/** @param {Search} search @param {string | null} cursor */
async function further(search, cursor) {
  let page = await find(search, cursor);
  for (let pages = 1; page.items.length === 0 && page.next && pages < EMPTY_PAGES; pages += 1) {
    page = await find(search, page.next);
  }
  return page;
}

/** Whom the user knows by that name, and with whom they talk at such a number. @param {Desk} desk @param {Search} search @param {Conversation[]} others */
function peopleOf(desk, { q, status, recipient }, others) {
  const known = q && !status && !recipient ? desk.contacts.find(q, PEOPLE) : [];
  const numbers = new Set(known.map(({ number }) => number));
  const unknown = others.filter(({ counterpart }) => !numbers.has(counterpart));
  return [...known.map(acquaintance), ...unknown.map((conversation) => person(conversation, desk.contacts.shown(conversation.counterpart)))];
}

/** @param {Contact} contact */
const acquaintance = ({ name, number }) =>
  h('li', {}, h('a', { class: 'row', href: conversationPlace(number) }, h('span', { class: 'row-number', dir: 'auto' }, name), h('span', { class: 'row-text' }, formatNumber(number))));

/** @param {Conversation} conversation @param {string} name */
const person = ({ counterpart, last_message: last }, name) =>
  h(
    'li',
    {},
    h(
      'a',
      { class: 'row', href: conversationPlace(counterpart) },
      h('span', { class: 'row-number', dir: 'auto' }, name),
      h('time', { class: 'row-time', datetime: exchangedAt(last) }, brief(exchangedAt(last))),
      h('span', { class: 'row-text', dir: 'auto' }, said(last)),
    ),
  );

/** @param {Message} message @param {string} found @param {Desk} desk */
const hit = (message, found, desk) =>
  h(
    'li',
    {},
    h(
      'a',
      { class: 'row', href: conversationPlace(message.counterpart, message.id) },
      h('span', { class: 'row-number', dir: 'auto', 'data-number': message.counterpart }, desk.contacts.shown(message.counterpart)),
      h('time', { class: 'row-time', datetime: exchangedAt(message) }, brief(exchangedAt(message))),
      h('span', { class: 'row-text', dir: 'auto' }, ...marked(said(message), found)),
      h('span', { class: hasFailed(message) ? 'row-status failed' : 'row-status' }, [message.direction === 'inbound' ? words.common.received : words.common.sent, desk.setup.route(message), message.direction === 'outbound' && briefStatus(message)].filter(Boolean).join(' · ')),
    ),
  );
