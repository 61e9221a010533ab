import { announce } from '../lib/announce.js';
import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { formatNumber } from '../model/number.js';
import { cost } from '../model/segments.js';
import { counter } from './counter.js';
import { scheduler } from './scheduler.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */

/** With a finger, Enter makes a new line, as there is no other way to make one. */
const BY_HAND = matchMedia('(pointer: fine)');

/**
 * Where a text is written. What is in it outlives everything but being sent.
 *
 * @param {Desk} desk
 * @param {string} place of the draft
 * @param {() => string | null} recipient `null` if it is no number yet, which is said elsewhere
 * @param {(number: string) => void} [sent]
 */
export function composer(desk, place, recipient, sent) {
  const hint = uniqueId('hint');
  const text = h('textarea', {
    class: 'input grow',
    rows: 1,
    'aria-label': place ? `Message to ${formatNumber(place)}` : 'Message',
    'aria-describedby': hint,
    placeholder: 'Message',
    enterkeyhint: 'enter',
  });
  const send = h('button', { class: 'tool primary send' });
  const fault = h('p', { class: 'fault', hidden: true });
  const schedule = scheduler(() => keep());
  const count = counter((better) => put(better));
  const blocked = h('p', { class: 'blocked', hidden: true }, 'They replied STOP, so no texts can be sent to them. When they reply START, you can write again.');

  const draft = desk.drafts.get(place);
  text.value = draft.content;
  schedule.set(draft.sendAt);

  const say = (/** @type {string} */ words) => {
    fault.hidden = !words;
    setText(fault, words);
    if (words) announce(words);
  };
  const keep = () => {
    desk.drafts.set(place, { ...desk.drafts.get(place), content: text.value, sendAt: schedule.get() });
    say('');
    show();
  };
  const show = () => {
    count.show(text.value);
    const label = schedule.get() ? 'Schedule' : 'Send';
    setAttribute(send, 'aria-label', label);
    send.title = label;
    send.replaceChildren(icon(schedule.get() ? 'clock' : 'send'));
    setAttribute(send, 'aria-disabled', text.value.trim() ? null : 'true');
    grow(text);
  };
  /** @param {string} content */
  const put = (content) => {
    text.value = content;
    keep();
    text.focus();
  };
  /** Takes back a text that was refused, and keeps what was written since. @param {Outgoing} refused */
  const takeBack = ({ content, sendAt }) => {
    if (sendAt && !schedule.get()) schedule.set(sendAt);
    put(text.value.trim() ? `${content}\n${text.value}` : content);
  };
  const submit = () => {
    const content = text.value;
    if (!content.trim()) return;
    const { over } = cost(content);
    if (over > 0) return say(`It is too long by ${over} characters.`);
    const fault = schedule.fault();
    if (fault) return say(fault);
    const number = recipient();
    if (!number) return;
    // The next click finds nothing more to send.
    const sendAt = schedule.get();
    text.value = '';
    schedule.set(null);
    keep();
    desk.outbox.submit({ recipient: number, content, sendAt });
    if (sent) sent(number);
    else text.focus();
  };

  text.addEventListener('input', keep);
  text.addEventListener('keydown', (event) => {
    const plainEnter = event.key === 'Enter' && !event.isComposing && !event.shiftKey && !event.altKey;
    if (!plainEnter || !(BY_HAND.matches || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    submit();
  };
  const form = h(
    'form',
    { novalidate: true, onsubmit },
    schedule.element,
    h('div', { class: 'write' }, schedule.button, text, send),
    fault,
    count.element,
    h('p', { id: hint, class: 'unseen' }, BY_HAND.matches ? 'Enter sends, Shift and Enter makes a new line.' : ''),
  );
  const element = h('div', { class: 'composer' }, blocked, form);
  show();
  return {
    element,
    takeBack,
    focus: () => !form.hidden && (text.focus(), true),
    /** @param {boolean} optedOut */
    block: (optedOut) => {
      form.hidden = optedOut;
      blocked.hidden = !optedOut;
    },
  };
}

/** For browsers in which a field cannot be told to fit its text. @param {HTMLTextAreaElement} text */
function grow(text) {
  if (CSS.supports('field-sizing', 'content')) return;
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}
