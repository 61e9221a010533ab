import { fill, h, setText } from '../lib/dom.js';
import { go } from '../lib/router.js';
import { full, soon } from '../lib/time.js';
import { words } from '../lib/words.js';
import { decided, isDue } from '../model/campaign.js';
import { Report } from '../model/report.js';
import { SENT_STATUSES, statusName } from '../model/wording.js';
import { confirm } from '../parts/dialog.js';
import { save } from '../parts/export.js';
import { pages } from '../parts/pages.js';
import { failed, loading } from '../parts/states.js';
import { page } from '../parts/view.js';
import { attempts } from '../parts/attempt.js';
import { stateName } from './campaigns.js';
import { entry } from './check.js';
import { reasonOf } from './outgoing.js';

/** @import { Child } from '../lib/dom.js' */
/** @import { Campaign } from '../model/campaign.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Refused } from '../model/roll.js' */
/** @import { View } from './home.js' */

/** So many rows that were not sent are shown; the table has all. */
const MOST = 1000;

/** How far a campaign is, and what became of it. @param {Desk} desk @param {string} name @param {AbortSignal} signal @returns {View} */
export function campaignView(desk, name, signal) {
  const report = new Report(desk, name, signal);
  const { fault, attempt } = attempts();
  const handing = handingPart(desk, () => desk.campaigns.get(name));
  const outcome = outcomePart(desk, report);
  const rows = refusedPart(desk);
  const all = h('a', { class: 'button', href: '#/campaigns' }, words.campaigns.title);
  const told = h('p', { class: 'done', role: 'status' });
  const keep = attempt(async () => {
    setText(told, words.report.reading);
    save(await report.table(desk.campaigns.get(name)), `${name}.csv`);
    setText(told, '');
  });
  const takeBack = attempt(async () => {
    setText(told, words.report.taking(0));
    const taken = await report.takeBack((count) => setText(told, words.report.taking(count)));
    setText(told, [words.report.taken(taken.canceled), taken.late > 0 && words.report.late(taken.late)].filter(Boolean).join(' '));
    report.load();
  });
  const back = h('button', { type: 'button', class: 'button danger quiet', hidden: true, onclick: takeBack });
  const saving = h('button', { type: 'button', class: 'button', onclick: keep }, words.report.save);
  const render = () => {
    const campaign = desk.campaigns.get(name);
    const waiting = report.tally.statuses.get('queued') ?? 0;
    handing.show(campaign);
    outcome.show(campaign);
    rows.show(campaign);
    back.hidden = waiting === 0;
    setText(back, words.report.takeBack(waiting));
  };
  report.changes.on(render, signal);
  desk.campaigns.changes.on(render, signal);
  render();
  report.load();
  return page(name, words.report.title, [all], handing.element, outcome.element, h('div', { class: 'part' }, h('div', { class: 'actions' }, saving, back), told, fault), rows.element);
}

/** Why it does not go on, and until when, if there is a reason. @param {Campaign} campaign @returns {Child[] | null} */
function waitOf({ reason, code, until }) {
  const why = code ? reasonOf({ code, reason }) : reason;
  if (!why) return null;
  return until > Date.now() ? [why, ' ', words.campaigns.until(soon(new Date(until).toISOString()))] : [why];
}

/** What becomes of the rows that are not handed over. @param {Campaign} campaign @returns {Child[]} */
function restOf({ state, terms }) {
  if (state === 'paused') return [words.campaigns.rests];
  return state === 'sending' && isDue(terms, Date.now()) ? [words.campaigns.follows] : [];
}

/** How far it is handed over. @param {Desk} desk @param {() => Campaign | undefined} get */
function handingPart(desk, get) {
  const bar = h('progress', { 'aria-label': words.campaigns.handing });
  const state = h('p', { role: 'status' });
  const rows = h('p', { class: 'soft small' });
  const reason = h('p', { class: 'hint' });
  const button = (/** @type {string} */ label, /** @type {(campaign: Campaign) => unknown} */ act) => {
    const onclick = () => {
      const campaign = get();
      if (campaign) act(campaign);
    };
    return h('button', { type: 'button', class: 'button', onclick }, label);
  };
  const pausing = button(words.campaigns.pause, (campaign) => desk.campaigns.halt(campaign));
  const going = button(words.campaigns.goOn, (campaign) => desk.campaigns.goOn(campaign));
  const canceling = button(words.campaigns.cancel, async (campaign) => {
    const text = words.campaigns.cancelText(campaign.rows - decided(campaign));
    if (await confirm(words.campaigns.cancelTitle, text, { yes: words.campaigns.cancelYes, no: words.campaigns.goOn })) await desk.campaigns.cancel(campaign);
  });
  const forgetting = button(words.campaigns.forget, async (campaign) => {
    if (!(await confirm(words.campaigns.forgetTitle, words.campaigns.forgetText, { yes: words.common.remove }))) return;
    await desk.campaigns.forget(campaign);
    go('#/campaigns', { replace: true });
  });
  const element = h('section', { class: 'part', hidden: true }, bar, state, rows, reason, h('div', { class: 'actions' }, pausing, going, canceling, forgetting));
  /** @param {Campaign | undefined} campaign */
  const show = (campaign) => {
    element.hidden = !campaign;
    if (!campaign) return;
    const isOpen = campaign.state === 'sending' || campaign.state === 'paused';
    bar.max = campaign.rows;
    bar.value = decided(campaign);
    setText(state, stateName(campaign));
    setText(rows, [words.campaigns.progress(decided(campaign), campaign.rows), campaign.file, full(new Date(campaign.createdAt).toISOString())].join(' · '));
    fill(reason, ...(waitOf(campaign) ?? restOf(campaign)));
    const focused = document.activeElement;
    pausing.hidden = campaign.state !== 'sending';
    going.hidden = campaign.state !== 'paused';
    canceling.hidden = !isOpen;
    forgetting.hidden = isOpen;
    // What is hidden loses the focus.
    if (focused instanceof HTMLElement && focused.hidden && element.contains(focused)) [pausing, going, forgetting].find((one) => !one.hidden)?.focus();
  };
  return { element, show };
}

/** @param {Desk} desk @param {Report} report */
function outcomePart(desk, report) {
  const facts = h('dl', { class: 'facts' });
  const why = h('ul', { class: 'entries', 'aria-label': words.report.why });
  const rest = h('div', {});
  const element = h('section', { class: 'part' }, h('h3', {}, words.report.title), facts, why, rest);
  /** @param {Campaign | undefined} campaign */
  const show = (campaign) => {
    const { all, segments, statuses, reasons } = report.tally;
    /** @type {[string, string, boolean][]} */
    const told = [
      [words.report.accepted, String(all), true],
      ...SENT_STATUSES.map((status) => /** @type {[string, string, boolean]} */ ([statusName(status), String(statuses.get(status) ?? 0), (statuses.get(status) ?? 0) > 0])),
      [words.report.refused, String(campaign?.refused ?? 0), campaign !== undefined && campaign.refused > 0],
      [words.report.segments, String(segments), all > 0],
    ];
    fill(facts, ...told.filter(([, , isShown]) => isShown).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
    why.hidden = reasons.size === 0;
    fill(why, ...[...reasons.values()].map(({ reason, count }) => h('li', { class: 'entry failed' }, h('span', {}, String(count)), h('span', { class: 'row-status' }, reason))));
    facts.hidden = report.state !== 'ready';
    if (report.state === 'loading') fill(rest, loading(3, 'rows'));
    else if (report.state === 'failed') fill(rest, failed(words.common.notLoaded, report.failure ?? '', () => report.load()));
    else fill(rest, !campaign && desk.campaigns.isLoaded && h('p', { class: 'soft' }, all > 0 ? words.report.elsewhere : words.report.unknown));
  };
  return { element, show };
}

/** The rows that were not sent, as far as this browser knows them. @param {Desk} desk */
function refusedPart(desk) {
  const list = pages(words.report.rows, ({ row }) => String(row), (/** @type {Refused} */ one) => entry(desk.contacts, one));
  const element = h('section', { class: 'part', hidden: true }, h('h3', {}, words.report.rows), list.element);
  let shown = -1;
  /** @param {Campaign | undefined} campaign */
  const show = async (campaign) => {
    if (!campaign || campaign.refused === shown) return;
    shown = campaign.refused;
    element.hidden = shown === 0;
    /** @type {Refused[]} */
    const all = [];
    for await (const { refused } of desk.campaigns.rest(campaign)) {
      all.push(...refused);
      if (all.length >= MOST) break;
    }
    list.show(all.slice(0, MOST).sort((a, b) => a.row - b.row));
  };
  return { element, show };
}
