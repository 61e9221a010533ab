import { fill, h, setAttribute } from '../lib/dom.js';
import { soon } from '../lib/time.js';
import { words } from '../lib/words.js';
import { lineOf } from '../model/csv.js';
import { inParts } from '../model/portions.js';
import { senderName } from '../model/sender.js';
import { save } from '../parts/export.js';
import { pages } from '../parts/pages.js';
import { reasonOf } from './outgoing.js';

/** @import { Child, Said } from '../lib/dom.js' */
/** @import { Contacts } from '../model/contacts.js' */
/** @import { Forecast } from '../model/forecast.js' */
/** @import { Roll } from '../model/roll.js' */

/** A row that is not sent, and why. @typedef {{row: number, number: string, reason: Said, code?: string}} Unsent */

/** Shows what would become of a campaign, and begins it. @param {Contacts} contacts @param {Roll} roll @param {Forecast} told @param {() => Promise<void>} begin */
export function check(contacts, roll, told, begin) {
  const heading = h('h3', { tabindex: '-1' }, words.forecast.title);
  const facts = factsOf(roll, told);
  const go = async () => {
    if (button.getAttribute('aria-busy')) return;
    setAttribute(button, 'aria-busy', 'true');
    await begin();
    setAttribute(button, 'aria-busy', null);
  };
  const texts = words.count.texts(roll.due.length);
  const label = told.sendAt ? words.forecast.schedule(texts) : words.forecast.send(texts);
  const button = h('button', { type: 'button', class: 'button primary', onclick: go }, label);
  const canBegin = roll.due.length > 0 && told.faults.length === 0;
  const element = h(
    'section',
    { class: 'part' },
    heading,
    h('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, ...value)])),
    ...told.faults.map((fault) => h('p', { class: 'fault' }, fault)),
    told.refused.length > 0 && refusedRows(contacts, words.forecast.tested, told.refused, `${roll.table.name}.tested.csv`),
    roll.refused.length > 0 && refusedRows(contacts, words.forecast.refused(roll.refused.length), roll.refused, `${roll.table.name}.refused.csv`),
    canBegin ? button : h('p', { class: 'fault' }, words.forecast.none),
  );
  return { element, focus: () => heading.focus() };
}

/** @param {Roll} roll @param {Forecast} told @returns {[string, Child[]][]} */
function factsOf({ due, segments, long, dear }, told) {
  const begins = told.begins ?? told.sendAt;
  /** @type {[string, Said | Said[], boolean?][]} */
  const facts = [
    [words.forecast.texts, words.count.texts(due.length)],
    [words.forecast.cost, long > 0 ? words.forecast.long(words.count.segments(segments), long) : words.count.segments(segments)],
    [words.forecast.special, words.forecast.dear(dear), dear > 0],
    [words.choices.from, told.senders.map(senderName).join(', '), told.senders.length > 0],
    [words.forecast.begins, begins ? (told.quiet ? words.forecast.quiet(soon(begins)) : soon(begins)) : words.forecast.atOnce],
    [words.forecast.ends, told.ends ? words.forecast.about(soon(told.ends)) : told.isLimited ? words.forecast.unknown : words.forecast.fast],
    [words.forecast.sample, told.refused.length > 0 ? words.forecast.someBad(told.asked, told.refused.length) : words.forecast.allGood(told.asked)],
    [words.forecast.limits, told.limits.flatMap((limit, place) => (place > 0 ? [' ', limit] : limit)), told.limits.length > 0],
  ];
  return facts.filter(([, , isShown = true]) => isShown).map(([name, value]) => [name, [value].flat()]);
}

/** @param {Contacts} contacts @param {string} title @param {readonly Unsent[]} rows @param {string} file */
function refusedRows(contacts, title, rows, file) {
  const list = pages(title, ({ row }) => String(row), (/** @type {Unsent} */ one) => entry(contacts, one));
  list.show(rows);
  const keep = () => {
    const lines = rows.map(({ row, number, reason }) => lineOf([row, number, String(reason)]));
    save(new Blob([`\ufeff${lineOf([words.table.heads.row, words.table.heads.number, words.table.heads.reason])}`, ...inParts(lines).map((part) => part.join(''))], { type: 'text/csv' }), file);
  };
  return h('div', { class: 'refused' }, h('h4', {}, title), list.element, h('button', { type: 'button', class: 'button', onclick: keep }, words.forecast.save));
}

/** A row that is not sent. @param {Contacts} contacts @param {Unsent} one */
export function entry(contacts, { row, number, reason, code }) {
  const element = h('li', { class: 'entry failed' });
  fill(element, h('span', {}, words.table.row(row)), h('span', { dir: 'auto' }, contacts.both(number)), h('span', { class: 'row-status' }, code ? reasonOf({ code, reason: String(reason) }) : reason));
  return { element, update: () => {} };
}
