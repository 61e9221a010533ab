import { announce } from '../lib/announce.js';
import { h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';
import { expectation } from '../model/expectation.js';
import { Preview } from '../model/preview.js';
import { cost } from '../model/segments.js';
import { newKey } from '../model/outbox.js';
import { asOneOf, NOTHING, isSomething } from '../model/text.js';
import { attachments } from './attachments.js';
import { choices } from './choices.js';
import { counter } from './counter.js';
import { openInsert } from './insert.js';
import { scheduler } from './scheduler.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { Wanted } from '../model/text.js' */

/** With a finger, Enter makes a new line, as there is no other way to make one. */
const BY_HAND = matchMedia('(pointer: fine)');

/**
 * To whom a text goes.
 *
 * @typedef {object} Recipient
 * @property {() => string | null} known `null` if it is no number yet
 * @property {() => string[] | null} wanted all of them; if one is wrong that is said where it is asked for
 * @property {() => number} count how many they are
 */

/**
 * Where a text is written. What is in it outlives everything but being sent.
 *
 * @param {Desk} desk
 * @param {string} place of the draft
 * @param {Recipient} recipient
 * @param {AbortSignal} signal
 * @param {(numbers: string[], batch: string | null) => void} [sent]
 */
export function composer(desk, place, recipient, signal, sent) {
  const hint = uniqueId('hint');
  const text = h('textarea', {
    class: 'input grow',
    rows: 1,
    'aria-label': place ? words.composer.labelTo(desk.contacts.shown(place)) : words.composer.label,
    'aria-describedby': hint,
    placeholder: words.composer.placeholder,
    enterkeyhint: 'enter',
  });
  const send = h('button', { class: 'tool primary send' });
  const fault = h('p', { class: 'fault', hidden: true });
  const when = h('p', { class: 'when' });
  const total = h('p', { class: 'total', role: 'status' });
  const schedule = scheduler(() => keep());
  const options = choices(desk.setup, () => keep());
  const files = attachments(() => keep(), signal);
  const count = counter((isSmart) => {
    smart = isSmart;
    keep();
    text.focus();
  });
  const insertion = h('button', { type: 'button', class: 'tool', 'aria-label': words.templates.insert, title: words.templates.insert, onclick: () => openInsert(desk, insert) }, icon('template'));
  const preview = new Preview(desk.setup, signal);
  const blocked = h('p', { class: 'blocked', hidden: true }, words.composer.blocked);
  /** Whether plain characters are sent; as the user has set it, if that was not chosen here. @type {boolean | undefined} */
  let smart;

  /** @returns {Wanted} */
  const current = () => ({ content: text.value, ...schedule.get(), ...options.get(), files: files.get(), ...(smart !== undefined && { smart }) });
  /** @param {Wanted} wanted */
  const set = (wanted) => {
    text.value = wanted.content;
    schedule.set(wanted);
    options.set(wanted);
    files.set(wanted.files);
    smart = wanted.smart;
  };
  set(desk.drafts.get(place));

  const say = (/** @type {string} */ text) => {
    fault.hidden = !text;
    setText(fault, text);
    if (text) announce(text);
  };
  const keep = () => {
    const { number, numbers } = desk.drafts.get(place);
    desk.drafts.set(place, { number, numbers, ...current() });
    say('');
    show();
  };
  /** Where the user writes. @param {string} made */
  const insert = (made) => {
    text.focus();
    text.setRangeText(made, text.selectionStart, text.selectionEnd, 'end');
    keep();
  };
  const show = () => {
    preview.ask(recipient.known(), current(), recipient.count() > 1);
    tell();
    const isLater = schedule.get().sendAt !== null;
    const label = isLater ? words.composer.schedule : words.common.send;
    setAttribute(send, 'aria-label', label);
    send.title = label;
    send.replaceChildren(icon(isLater ? 'clock' : 'send'));
    setAttribute(send, 'aria-disabled', isSomething(current()) ? null : 'true');
    grow(text);
  };
  /** Shows what the server has told. */
  const tell = () => {
    const { told, replacements } = preview;
    count.show(text.value, smart ?? desk.setup.settings.smart_encoding, replacements);
    options.show(told?.sender ?? null);
    schedule.show(told?.send_at ?? null);
    const part = told ? expectation(told, Date.now()) : '';
    const sentence = part && words.standing.sentence(part);
    // Once; what follows is the same with other numbers.
    if (sentence && !when.textContent) announce(sentence);
    setText(when, sentence);
    setText(total, totalOf(recipient.count(), told?.segments ?? null));
  };
  /** Says at the choices what is wrong with them. @param {Outgoing['faults']} faults @returns {boolean} whether something is */
  const blame = (faults = []) => [schedule.blame(faults), options.blame(faults)].some(Boolean);
  /** Takes back a text that was refused, and keeps what was written since. @param {Outgoing} refused */
  const takeBack = ({ content, faults, ...wanted }) => {
    const since = current();
    const taken = since.sendAt ? since : wanted;
    const both = [...(wanted.files ?? []), ...(since.files ?? [])];
    set({ ...taken, files: both, content: since.content.trim() ? `${content}\n${since.content}` : content });
    keep();
    blame(faults);
    text.focus();
  };
  const submit = () => {
    const wanted = current();
    const unready = files.fault();
    if (unready) return say(unready);
    if (!isSomething(wanted)) return;
    const { over } = cost(wanted.content);
    if (over > 0) return say(words.composer.tooLong(over));
    const fault = schedule.fault();
    if (fault) return say(fault);
    if (blame(preview.faultsOf(recipient.known(), wanted))) return;
    const numbers = recipient.wanted();
    const [number] = numbers ?? [];
    if (!numbers || number === undefined) return;
    // The next click finds nothing more to send.
    set(NOTHING);
    keep();
    const batch = numbers.length > 1 ? newKey() : null;
    if (batch) desk.outbox.submitAll(numbers, asOneOf(numbers.length, wanted, batch), batch);
    else desk.outbox.submit(number, wanted);
    if (sent) sent(numbers, batch);
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
    files.element,
    // The text comes first, for whoever goes on with the Tab key.
    h('div', { class: 'write' }, text, insertion, files.button, files.input, schedule.button, send),
    fault,
    options.element,
    schedule.element,
    count.element,
    total,
    when,
    h('p', { id: hint, class: 'unseen' }, BY_HAND.matches ? words.composer.keys : ''),
  );
  const element = h('div', { class: 'composer' }, blocked, form);
  files.takeFrom(element);
  desk.drafts.elsewhere.on((changed) => {
    // Whoever writes here is not interrupted.
    if (changed !== place || document.hasFocus()) return;
    set(desk.drafts.get(place));
    show();
  }, signal);
  preview.changes.on(() => {
    tell();
    blame(preview.told?.errors);
  }, signal);
  desk.setup.changes.on(() => {
    options.renew();
    show();
  }, signal);
  show();
  return {
    element,
    takeBack,
    /** Somebody else is to get it. */
    readdress: show,
    focus: () => !form.hidden && (text.focus(), true),
    /** @param {boolean} optedOut */
    block: (optedOut) => {
      form.hidden = optedOut;
      blocked.hidden = !optedOut;
    },
  };
}

/** What a text to several takes. @param {number} count of recipients @param {number | null} segments of each text, once they are known */
function totalOf(count, segments) {
  if (count < 2) return '';
  const people = words.recipients.count(count);
  return segments ? words.recipients.total(people, words.count.segments(segments * count)) : words.recipients.to(people);
}

/** For browsers in which a field cannot be told to fit its text. @param {HTMLTextAreaElement} text */
function grow(text) {
  if (CSS.supports('field-sizing', 'content')) return;
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}
