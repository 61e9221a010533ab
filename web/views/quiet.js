import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { locale, words } from '../lib/words.js';
import { faultOf } from '../model/wording.js';
import { field } from '../parts/field.js';
import { zoneField } from '../parts/zone.js';

/** @import { QuietHours, QuietWindow, Weekday } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */

/** @type {Weekday[]} */
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The first one in the calendar of 1970 that is a Monday. */
const MONDAY = Date.UTC(1970, 0, 5);

/** The days of the week as the page's language calls them. @type {[Weekday, brief: string, whole: string][]} */
const DAYS = WEEK.map((name, place) => {
  const date = MONDAY + place * 86_400_000;
  const called = (/** @type {'short' | 'long'} */ weekday) => new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' }).format(date);
  return [name, called('short').slice(0, 2), called('long')];
});

/** As many as the server takes. */
const MOST = 14;

/** What most who set one want. @type {QuietWindow} */
const NIGHT = { from: '21:00', to: '08:00' };

/** Where the server says that something is wrong: `windows[2].from must …`. */
const PLACE = /^windows\[(\d+)\]\.(days|from|to) (.*)$/;

/** When no texts leave, to be changed. @param {QuietHours | null} first */
export function quietHours(first) {
  /** @type {ReturnType<typeof quietTime>[]} */
  let times = [];
  const list = h('ul', { class: 'times', 'aria-label': words.account.quiet });
  const zone = zoneField(words.quiet.zone, words.quiet.zoneHint);
  const fault = h('p', { class: 'fault', hidden: true });
  const add = h('button', { type: 'button', class: 'button', onclick: () => more(NIGHT).focus() }, words.quiet.add);
  const element = h('div', { class: 'quiet' }, list, fault, add, zone.element);
  const show = () => {
    list.hidden = times.length === 0;
    zone.element.hidden = times.length === 0;
    add.hidden = times.length >= MOST;
  };
  const more = (/** @type {QuietWindow} */ window) => {
    const time = quietTime(window, () => {
      times = times.filter((other) => other !== time);
      time.element.remove();
      show();
      add.focus();
    });
    times.push(time);
    list.append(time.element);
    show();
    return time;
  };
  const say = (/** @type {Said} */ text) => {
    fault.hidden = text === '';
    setText(fault, text);
  };
  for (const window of first?.windows ?? []) more(window);
  if (first?.time_zone) zone.input.value = first.time_zone;
  show();
  return {
    element,
    /** @returns {QuietHours | null} */
    get: () => (times.length === 0 ? null : { windows: times.map((time) => time.get()), time_zone: zone.input.value.trim() }),
    /** @param {{field: string, message: string}[]} errors @returns {boolean} whether one is about these hours */
    blame: (errors) => {
      for (const time of times) time.fail('', '');
      zone.fail('');
      say('');
      const ours = errors.filter(({ field: name }) => name === 'quiet_hours');
      for (const { message } of ours) {
        const [, at, part = '', what = ''] = PLACE.exec(message) ?? [];
        const time = at === undefined ? undefined : times[Number(at)];
        if (time) time.fail(part, what);
        else if (message.startsWith('time_zone ')) zone.fail(faultOf(words.quiet.zone, message.slice('time_zone '.length)));
        else say(faultOf(words.account.quiet, message.replace(/^windows /, '')));
      }
      /** @type {HTMLElement | null} */ (element.querySelector('input[aria-invalid], [aria-describedby] > label > input'))?.focus();
      return ours.length > 0;
    },
  };
}

/** From when to when, and on which days. @param {QuietWindow} first @param {() => void} remove */
function quietTime(first, remove) {
  const days = DAYS.map(([name, brief, whole]) => {
    const input = h('input', { type: 'checkbox', name, 'aria-label': whole, checked: !first.days || first.days.includes(name) });
    const element = h('label', { class: 'day-chip', title: whole }, input, brief);
    return { name, input, element };
  });
  const from = field(words.quiet.from, { name: 'from', type: 'time', value: first.from, required: true });
  const to = field(words.quiet.to, { name: 'to', type: 'time', value: first.to, required: true });
  const faultId = uniqueId('days');
  const fault = h('p', { id: faultId, class: 'fault', hidden: true });
  const group = h('fieldset', { class: 'days' }, h('legend', {}, words.quiet.days), ...days.map((day) => day.element));
  const element = h(
    'li',
    {},
    h('div', { class: 'span' }, from.element, to.element, h('button', { type: 'button', class: 'tool', title: words.common.remove, 'aria-label': words.common.remove, onclick: remove }, icon('close'))),
    group,
    fault,
  );
  const failDays = (/** @type {Said} */ text) => {
    fault.hidden = text === '';
    setText(fault, text);
    setAttribute(group, 'aria-describedby', text === '' ? null : faultId);
  };
  group.addEventListener('change', () => failDays(''));
  return {
    element,
    focus: () => from.input.focus(),
    /** @returns {QuietWindow} */
    get: () => {
      const chosen = days.filter((day) => day.input.checked).map((day) => day.name);
      const span = { from: from.input.value, to: to.input.value };
      return chosen.length === DAYS.length ? span : { days: chosen, ...span };
    },
    /** @param {string} part nothing for all that was said before @param {string} what */
    fail: (part, what) => {
      if (!part || part === 'from') from.fail(what && faultOf(words.quiet.from, what));
      if (!part || part === 'to') to.fail(what && faultOf(words.quiet.to, what));
      if (!part || part === 'days') failDays(what && words.quiet.noDay);
    },
  };
}
