import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { conversationPlace, go, sentPlace } from '../lib/router.js';
import { words } from '../lib/words.js';
import { NOTHING } from '../model/text.js';
import { composer } from './composer.js';
import { asTyped, recipientField } from './recipients.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** The place of the draft that has no recipient yet. */
const NEW = '';

/** A text to somebody new, or to several. @param {Desk} desk @param {string | null} to @param {AbortSignal} signal @returns {View} */
export function newView(desk, to, signal) {
  const given = to ? { number: asTyped(to) } : desk.drafts.get(NEW);
  const people = recipientField(
    desk.contacts,
    given,
    (now) => {
      desk.drafts.set(NEW, { ...desk.drafts.get(NEW), ...now });
      editor.readdress();
    },
    signal,
  );
  const known = () => people.all()[0] ?? null;
  const editor = composer(desk, NEW, { known, wanted: people.wanted, count: () => people.all().length }, signal, (sentTo, batch) => {
    desk.drafts.set(NEW, NOTHING);
    go(batch ? sentPlace(batch) : conversationPlace(sentTo[0] ?? ''), { replace: true });
  });
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  // Before the field, so that whoever has filled it writes next.
  const elsewhere = h('p', { class: 'many' }, h('a', { href: '#/campaigns' }, words.new.campaign), ' · ', h('a', { href: '#/scheduled' }, words.scheduled.title));
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.common.newMessage },
    h('div', { class: 'bar' }, back, h('h2', {}, words.common.newMessage)),
    h('div', { class: 'scroll padded' }, elsewhere, people.element),
    editor.element,
  );
  return { element, title: words.common.newMessage, focus: () => (to ? editor.focus() : people.focus()) };
}
