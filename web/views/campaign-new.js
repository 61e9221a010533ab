import { find } from '../api/search.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { campaignPlace, go } from '../lib/router.js';
import { words } from '../lib/words.js';
import { begin } from '../model/campaign-begin.js';
import { CAMPAIGN } from '../model/campaign.js';
import { TableFault } from '../model/csv.js';
import { forecast } from '../model/forecast.js';
import { fieldsIn, filled, placeOf } from '../model/merge.js';
import { Roll } from '../model/roll.js';
import { senderName } from '../model/sender.js';
import { choice, field } from '../parts/field.js';
import { page } from '../parts/view.js';
import { check } from './check.js';
import { scheduler } from './scheduler.js';
import { tableField } from './table.js';

/** @import { Said } from '../lib/dom.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** Where a campaign is made. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function newCampaignView(desk, signal) {
  const table = tableField(() => changed());
  const textId = uniqueId('text');
  const text = h('textarea', { id: textId, class: 'input', rows: 4, oninput: () => changed() });
  const inserts = h('div', { class: 'actions' });
  const example = h('p', { class: 'quoted', dir: 'auto', role: 'status' });
  const first = h('div', { hidden: true }, h('p', { class: 'hint' }, words.campaigns.example), example);
  const textFault = h('p', { class: 'fault', hidden: true });
  const name = field(words.campaigns.name, { name: 'name', required: true, autocomplete: 'off', maxlength: 100 }, words.campaigns.nameHint);
  const from = choice(words.choices.from, 'from', []);
  const when = scheduler(() => changed());
  const fault = h('p', { class: 'fault', hidden: true });
  const button = h('button', { type: 'button', class: 'button primary', onclick: () => look() }, words.campaigns.check);
  const outcome = h('div', {});
  /** Ends a check when something else is wanted. */
  let over = new AbortController();
  let columns = '';

  const say = (/** @type {Said} */ told) => {
    fault.hidden = told === '';
    setText(fault, told);
    if (told !== '') alarm(told);
  };
  const show = () => {
    const known = table.get();
    const now = JSON.stringify(known?.columns ?? []);
    if (now !== columns) {
      columns = now;
      const names = known?.columns ?? [];
      fill(inserts, names.length > 0 && h('span', { class: 'hint' }, words.campaigns.insert), ...names.map((one) => h('button', { type: 'button', class: 'link', onclick: () => insert(one) }, one)));
      if (known && !name.input.value) name.input.value = `${known.name.replace(/\.[^.]*$/, '')} ${new Date().toISOString().slice(0, 10)}`.slice(0, 100);
    }
    const unknown = known ? fieldsIn(text.value).filter((one) => !known.columns.includes(one)) : [];
    textFault.hidden = unknown.length === 0;
    setText(textFault, unknown.length > 0 ? words.campaigns.unknown(unknown.join(', ')) : '');
    const row = known?.first(1)[0];
    const shown = row && text.value.trim() ? filled(text.value, (one) => row.fields[known.columns.indexOf(one)] ?? '').content : '';
    first.hidden = !shown;
    setText(example, shown);
  };
  const offer = () => {
    const chosen = from.input.value;
    const names = desk.setup.choices();
    fill(from.input, h('option', { value: '' }, words.choices.automatic), ...names.map((one) => h('option', { value: one }, senderName(one))));
    from.input.value = names.includes(chosen) ? chosen : '';
    from.element.hidden = names.length === 0;
  };
  /** What was checked is not what is wanted any more. */
  const changed = () => {
    over.abort();
    over = new AbortController();
    setAttribute(button, 'aria-busy', null);
    fill(outcome);
    say('');
    show();
  };
  /** @param {string} column */
  const insert = (column) => {
    text.setRangeText(placeOf(column), text.selectionStart, text.selectionEnd, 'end');
    changed();
    text.focus();
  };
  /** What is missing, at the place where it is asked for. @returns {boolean} */
  const isWhole = () => {
    const known = table.get();
    const title = name.input.value.trim();
    if (!known) return say(words.campaigns.noTable), table.focus(), false;
    if (!text.value.trim()) return say(words.campaigns.noText), text.focus(), false;
    if (!textFault.hidden) return alarm(textFault.textContent ?? ''), text.focus(), false;
    const why = !title ? words.campaigns.noName : /\p{Cc}/u.test(title) ? words.campaigns.badName : '';
    if (why) return name.fail(why), name.input.focus(), false;
    const late = when.fault();
    return late ? (say(late), false) : true;
  };
  const look = async () => {
    if (button.getAttribute('aria-busy')) return;
    changed();
    if (!isWhole()) return;
    const known = /** @type {import('../model/table.js').Table} */ (table.get());
    const stop = AbortSignal.any([signal, over.signal]);
    const [title, content] = [name.input.value.trim(), text.value];
    const wanted = { ...when.get(), ...(from.input.value && { from: from.input.value }) };
    setAttribute(button, 'aria-busy', 'true');
    try {
      if (desk.campaigns.get(title) || (await find({ tag: `${CAMPAIGN}:${title}`, limit: 1 }, null)).items.length > 0) {
        name.fail(words.campaigns.taken);
        return name.input.focus();
      }
      const roll = new Roll(known, content);
      const progress = h('p', { role: 'status' });
      fill(outcome, progress);
      await roll.read(() => setText(progress, words.campaigns.checking(roll.size)), stop);
      const testing = (/** @type {number} */ asked) => setText(progress, words.forecast.testing(asked, roll.due.length));
      const told = stop.aborted ? null : await forecast(desk, roll, wanted, title, testing, stop);
      if (!told || stop.aborted) return;
      const yes = () => start({ name: title, file: known.name, text: content, terms: { sendAt: told.sendAt, ...(wanted.from && { from: wanted.from }) } }, roll);
      const shown = check(desk.contacts, roll, told, yes);
      fill(outcome, shown.element);
      announce(words.campaigns.checked);
      shown.focus();
    } catch (error) {
      if (stop.aborted) return;
      fill(outcome);
      say(error instanceof TableFault ? words.table.quote(Number(error.message)) : sentence(error));
    } finally {
      if (!over.signal.aborted) setAttribute(button, 'aria-busy', null);
    }
  };
  /** @param {Parameters<typeof begin>[1]} wanted @param {Roll} roll */
  const start = async (wanted, roll) => {
    const told = await begin(desk.campaigns, wanted, roll);
    if (told === 'begun') return go(campaignPlace(wanted.name), { replace: true });
    if (told === 'unkept') return say(words.campaigns.unkept);
    name.fail(words.campaigns.taken);
    name.input.focus();
  };
  name.input.addEventListener('input', () => changed());
  from.input.addEventListener('change', () => changed());
  desk.setup.changes.on(offer, signal);
  signal.addEventListener('abort', () => over.abort());
  offer();
  const later = h('div', { class: 'later' }, h('span', {}, words.scheduler.open), when.button);
  return page(
    words.campaigns.begin,
    words.campaigns.region,
    [],
    h('section', { class: 'part' }, h('h3', {}, words.campaigns.table), table.element),
    h(
      'section',
      { class: 'part' },
      h('h3', {}, words.composer.label),
      h('div', { class: 'field' }, h('label', { for: textId }, words.campaigns.text), text, inserts, textFault, first),
      name.element,
      from.element,
      later,
      when.element,
      button,
      fault,
    ),
    outcome,
  );
}
