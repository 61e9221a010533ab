import { h, setAttribute, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { localInput } from '../lib/time.js';

/** As far ahead as texts can be scheduled, in milliseconds. */
const FURTHEST = 35 * 86_400_000;

/** Lets a text be sent later. @param {() => void} changed */
export function scheduler(changed) {
  const id = uniqueId('schedule');
  const input = h('input', { id: `${id}-at`, class: 'input', type: 'datetime-local' });
  const close = h('button', { type: 'button', class: 'tool', title: 'Send at once', 'aria-label': 'Send at once' }, icon('close'));
  const element = h(
    'div',
    { id, class: 'schedule', hidden: true },
    h('label', { for: `${id}-at` }, 'Send on'),
    input,
    close,
  );
  const button = h(
    'button',
    { type: 'button', class: 'tool', title: 'Send later', 'aria-label': 'Send later', 'aria-expanded': 'false', 'aria-controls': id },
    icon('clock'),
  );
  const open = (/** @type {boolean} */ isOpen) => {
    element.hidden = !isOpen;
    setAttribute(button, 'aria-expanded', String(isOpen));
  };
  const get = () => (input.value && !element.hidden ? new Date(input.value).toISOString() : null);
  /** @param {string | null} sendAt */
  const set = (sendAt) => {
    input.value = sendAt ? localInput(new Date(sendAt)) : '';
    open(sendAt !== null);
  };
  button.addEventListener('click', () => {
    if (!element.hidden) {
      set(null);
    } else {
      const [now, hour] = [Date.now(), 3_600_000];
      input.min = localInput(new Date(now + 60_000));
      input.max = localInput(new Date(now + FURTHEST));
      set(new Date(Math.ceil((now + hour / 2) / hour) * hour).toISOString());
      input.focus();
    }
    changed();
  });
  close.addEventListener('click', () => {
    set(null);
    button.focus();
    changed();
  });
  input.addEventListener('input', changed);
  /** @returns {string} what is wrong with the time; nothing if it can be taken */
  const fault = () => {
    if (element.hidden) return '';
    const ahead = new Date(input.value).getTime() - Date.now();
    if (Number.isNaN(ahead)) return 'Choose when to send it.';
    if (ahead <= 0) return 'This time has passed.';
    return ahead > FURTHEST ? 'Texts can be scheduled up to 35 days ahead.' : '';
  };
  return { element, button, get, set, fault };
}
