import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { conversationPlace, go } from '../lib/router.js';
import { words } from '../lib/words.js';
import { formatNumber, parseNumber } from '../model/number.js';
import { NOTHING } from '../model/text.js';
import { field } from '../parts/field.js';
import { suggestions } from '../parts/suggestions.js';
import { composer } from './composer.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** The place of the draft that has no recipient yet. */
const NEW = '';

/** A text to somebody new. @param {Desk} desk @param {string | null} to @param {AbortSignal} signal @returns {View} */
export function newView(desk, to, signal) {
  const number = field(
    words.new.to,
    { name: 'recipient', autocomplete: 'off', placeholder: '+1 415 555 0123', required: true },
    words.new.toHint,
  );
  const known = () => parseNumber(number.input.value);
  const suggested = suggestions(number.input, (text) => (known() ? [] : desk.contacts.find(text)), (contact) => {
    number.input.value = formatNumber(contact.number);
    number.input.dispatchEvent(new Event('input'));
  });
  number.input.after(suggested);
  number.input.value = to ? formatNumber(to) : (desk.drafts.get(NEW).number ?? '');
  number.input.addEventListener('input', () => {
    desk.drafts.set(NEW, { ...desk.drafts.get(NEW), number: number.input.value });
    editor.readdress();
  });
  const wanted = () => {
    const parsed = known();
    if (!parsed) {
      number.fail(words.new.noNumber);
      number.input.focus();
    }
    return parsed;
  };
  const editor = composer(desk, NEW, { known, wanted }, signal, (sentTo) => {
    desk.drafts.set(NEW, NOTHING);
    go(conversationPlace(sentTo), { replace: true });
  });
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.common.newMessage },
    h('div', { class: 'bar' }, back, h('h2', {}, words.common.newMessage)),
    h('div', { class: 'scroll padded' }, number.element),
    editor.element,
  );
  return { element, title: words.common.newMessage, focus: () => (to ? editor.focus() : number.input.focus()) };
}
