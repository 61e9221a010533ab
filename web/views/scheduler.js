import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { ownZone, soon } from '../lib/time.js';
import { words } from '../lib/words.js';
import { blame, field } from '../parts/field.js';
import { zoneField } from '../parts/zone.js';

/** @import { Wanted } from '../model/text.js' */

/** As far ahead as texts can be scheduled, in milliseconds. */
const FURTHEST = 35 * 86_400_000;

/** @typedef {Pick<Wanted, 'sendAt' | 'zone'>} When */

/** Lets a text be sent later, by the user's clock or by the recipient's. @param {() => void} changed */
export function scheduler(changed) {
  const id = uniqueId('schedule');
  const at = field(words.scheduler.at, { name: 'send_at', type: 'datetime-local' });
  const { input } = at;
  const close = h('button', { type: 'button', class: 'tool', title: words.scheduler.now, 'aria-label': words.scheduler.now }, icon('close'));
  const zone = zoneField(words.scheduler.zone);
  const here = h('p', { class: 'hint' });
  const place = h('div', { class: 'place', hidden: true }, zone.element, here);
  const clock = h('button', { type: 'button', class: 'link' });
  const element = h('div', { id, class: 'schedule', hidden: true }, at.element, close, clock, place);
  const button = h(
    'button',
    { type: 'button', class: 'tool', title: words.scheduler.open, 'aria-label': words.scheduler.open, 'aria-expanded': 'false', 'aria-controls': id },
    icon('clock'),
  );
  const open = (/** @type {boolean} */ isOpen) => {
    element.hidden = !isOpen;
    setAttribute(button, 'aria-expanded', String(isOpen));
  };
  const abroad = (/** @type {boolean} */ isAbroad) => {
    place.hidden = !isAbroad;
    setText(clock, isAbroad ? words.scheduler.myClock : words.scheduler.theirClock);
    setText(here, '');
    const [now, minute] = [Date.now(), 60_000];
    // Which times have passed there the server knows.
    setAttribute(input, 'min', isAbroad ? null : localInput(new Date(now + minute)));
    setAttribute(input, 'max', isAbroad ? null : localInput(new Date(now + FURTHEST)));
  };
  /** @returns {When} */
  const get = () => {
    if (!input.value || element.hidden) return { sendAt: null };
    if (!place.hidden) return { sendAt: input.value, zone: zone.input.value.trim() };
    return { sendAt: new Date(input.value).toISOString() };
  };
  /** @param {When} when */
  const set = ({ sendAt, zone: name }) => {
    for (const one of [at, zone]) one.fail('');
    input.value = sendAt && name === undefined ? localInput(new Date(sendAt)) : (sendAt ?? '');
    if (name !== undefined) zone.input.value = name;
    abroad(sendAt !== null && name !== undefined);
    open(sendAt !== null);
  };
  button.addEventListener('click', () => {
    if (!element.hidden) {
      set({ sendAt: null });
    } else {
      const [now, hour] = [Date.now(), 3_600_000];
      set({ sendAt: new Date(Math.ceil((now + hour / 2) / hour) * hour).toISOString() });
      input.focus();
    }
    changed();
  });
  clock.addEventListener('click', () => {
    abroad(place.hidden !== false);
    if (!place.hidden) zone.input.focus();
    changed();
  });
  close.addEventListener('click', () => {
    set({ sendAt: null });
    button.focus();
    changed();
  });
  for (const one of [at, zone]) one.input.addEventListener('input', changed);
  // Whoever has found the zone does not mean to send yet.
  zone.input.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  set({ sendAt: null });

  /** @returns {string} what is wrong with the time; nothing if it can be taken */
  const fault = () => {
    if (element.hidden) return '';
    if (!input.value) return words.scheduler.noTime;
    if (!place.hidden) return zone.input.value.trim() ? '' : words.scheduler.noZone;
    const ahead = new Date(input.value).getTime() - Date.now();
    if (ahead <= 0) return words.scheduler.past;
    return ahead > FURTHEST ? words.scheduler.far : '';
  };
  return {
    element,
    button,
    get,
    set,
    fault,
    /** Says what a time elsewhere is here. @param {string | null} sendAt */
    show: (sendAt) => setText(here, sendAt && zone.input.value !== ownZone() ? words.scheduler.here(soon(sendAt)) : ''),
    /** @param {{field: string, message: string}[]} errors @returns {boolean} whether one is about these */
    blame: (errors) => {
      const named = errors.map(({ field: name, message }) => ({ field: name === 'send_at_local' ? at.name : name, message }));
      return !element.hidden && blame([at, zone], named) !== null;
    },
  };
}

/** @param {Date} date @returns {string} as an input of type `datetime-local` has it */
function localInput(date) {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
