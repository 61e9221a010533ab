import { h, uniqueId } from '../lib/dom.js';
import { ownZone } from '../lib/time.js';
import { field } from './field.js';

/** @import { Field } from './field.js' */

/**
 * Asks for a time zone; what is typed searches the list of all of them. It is the browser's at first.
 *
 * @param {string} label
 * @param {string} [hint]
 * @returns {Field<HTMLInputElement>}
 */
export function zoneField(label, hint) {
  const list = uniqueId('zones');
  const asked = field(label, { name: 'time_zone', list, value: ownZone(), autocomplete: 'off', spellcheck: 'false' }, hint);
  const zones = h('datalist', { id: list });
  // There are hundreds, which most never look at.
  asked.input.addEventListener('focus', () => zones.append(...names().map((value) => h('option', { value }))), { once: true });
  // With its value in it, the list would show nothing else.
  asked.input.addEventListener('focus', () => asked.input.select());
  asked.element.append(zones);
  return asked;
}

/** @returns {string[]} */
const names = () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
