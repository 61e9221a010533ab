import { cancel } from '../api/client.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h, phrase, setText, uniqueId } from '../lib/dom.js';
import { conversationPlace } from '../lib/router.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { isInstead } from '../model/outbox.js';
import { MOST, Scheduled, canChange, inPlaceOf } from '../model/scheduled.js';
import { cost } from '../model/segments.js';
import { senderName } from '../model/sender.js';
import { faultOf, said } from '../model/wording.js';
import { attempts } from '../parts/attempt.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { pages } from '../parts/pages.js';
import { empty, failed, loading } from '../parts/states.js';
import { page } from '../parts/view.js';
import { discard } from './discard.js';
import { reasonOf } from './outgoing.js';
import { scheduler } from './scheduler.js';

/** @import { Problem } from '../api/http.js' */
/** @import { Message } from '../api/types.js' */
/** @import { Child } from '../lib/dom.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { View } from './home.js' */

/**
 * A text that waits, and what is to be sent in its place; one of them may be missing.
 *
 * @typedef {{message: Message | null, next: Outgoing | undefined}} Waiting
 */

/** What is to leave later, by its time. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function scheduledView(desk, signal) {
  const scheduled = new Scheduled(desk, signal);
  const { fault, attempt } = attempts();
  /** @param {Message} message */
  const takeBack = (message) =>
    attempt(async () => {
      if (!(await confirm(words.details.cancelTitle, words.details.cancelText, { yes: words.details.cancelYes, no: words.details.cancelNo }))) return;
      desk.put(await cancel(desk.user, message.id));
      announce(words.details.canceled);
    })();
  const list = pages(words.scheduled.title, (/** @type {Waiting} */ { message, next }) => message?.id ?? next?.key ?? '', () => entry(desk, takeBack));
  const more = h('p', { class: 'soft small' });
  const rest = h('div', {});
  const render = () => {
    const all = scheduled.list();
    const unsent = scheduled.state === 'loading' ? [] : scheduled.unsent();
    list.show([...unsent.map((next) => ({ message: null, next })), ...all.map((message) => ({ message, next: scheduled.replacing(message.id) }))]);
    setText(more, scheduled.count > all.length ? words.scheduled.first(MOST, scheduled.count) : '');
    if (all.length + unsent.length > 0) fill(rest);
    else if (scheduled.state === 'loading') fill(rest, loading(4, 'rows'));
    else if (scheduled.state === 'failed') fill(rest, failed(words.common.notLoaded, scheduled.failure ?? '', () => scheduled.load()));
    else fill(rest, empty('clock', words.scheduled.none, words.scheduled.noneHint));
  };
  scheduled.changes.on(render, signal);
  desk.contacts.changes.on(render, signal);
  render();
  scheduled.load();
  return page(words.scheduled.title, words.scheduled.list, [], fault, list.element, more, rest);
}

/** @param {Desk} desk @param {(message: Message) => void} takeBack @returns {Row<Waiting>} */
function entry(desk, takeBack) {
  const at = h('time', { class: 'row-time' });
  const who = h('a', {});
  const text = h('span', { class: 'row-status', dir: 'auto' });
  const status = h('span', { class: 'row-status' });
  const actions = h('span', { class: 'actions' });
  const element = h('li', { class: 'entry' }, who, at, text, status, actions);
  let shown = '';
  /** @param {Waiting} waiting */
  const update = ({ message, next }) => {
    const counterpart = message?.counterpart ?? next?.recipient ?? '';
    const name = desk.contacts.shown(counterpart);
    const now = `${message?.version} ${next?.key} ${next?.state} ${next?.code} ${next?.replaces} ${name}`;
    if (now === shown) return;
    shown = now;
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
      h('button', { type: 'button', class: 'link', 'aria-label': words.together.of(label, name), onclick }, label);
    const leaves = message?.send_at ?? next?.sendAt ?? null;
    who.href = conversationPlace(counterpart, message?.id);
    setText(who, name);
    setText(at, leaves === null ? '' : [full(leaves), !message && next?.zone].filter(Boolean).join(' '));
    at.dateTime = leaves ?? '';
    setText(text, message ? said(message) : (next?.content ?? ''));
    element.classList.toggle('failed', next?.state === 'refused');
    fill(status, ...(next ? standing(next, message === null) : []));
    if (next) fill(actions, ...unsentActions(desk, next, message === null, button));
    else if (message) fill(actions, canChange(message) && button(words.outgoing.change, () => change(desk, message)), button(words.details.cancel, () => takeBack(message)));
  };
  return { element, update };
}

/** What is said of a text that the server has not confirmed. @param {Outgoing} next @param {boolean} isAlone what it was to replace does not wait any more @returns {Child[]} */
function standing(next, isAlone) {
  const reason = next.state === 'sending' ? words.outgoing.sending : reasonOf(next);
  const told = next.state === 'refused' ? phrase(words.together.refused, { reason }) : [isAlone ? reason : words.scheduled.changing];
  const isLost = isAlone && isInstead(next) && next.replaces === undefined;
  return isLost ? [...told, ' ', words.scheduled.canceled] : told;
}

/** @param {Desk} desk @param {Outgoing} next @param {boolean} isAlone @param {(label: string, onclick: () => void) => HTMLElement} button */
function unsentActions(desk, next, isAlone, button) {
  if (next.state !== 'refused') return [];
  const again = isAlone && button(words.common.tryAgain, () => desk.outbox.again(next));
  return [again, button(words.outgoing.discard, () => discard(desk, next))];
}

/** @param {Problem} refusal @returns {Child} */
function whyOf(refusal) {
  const error = refusal.errors.find(({ field }) => field === 'recipient');
  return error ? faultOf(words.people.number, error.message) : sentence(refusal);
}

/** Lets the words and the time be changed of a text that waits. @param {Desk} desk @param {Message} message */
function change(desk, message) {
  const id = uniqueId('text');
  const text = h('textarea', { id, class: 'input', rows: 4 });
  text.value = message.content ?? '';
  const when = scheduler(() => {});
  when.set({ sendAt: message.send_at });
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const say = (/** @type {Child[]} */ ...told) => {
    fault.hidden = false;
    fill(fault, ...told);
  };
  let isOver = false;
  // Nothing tells whether its user chose that, or the server.
  let from = message.sender;
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const { over } = cost(text.value);
    const wrong = text.value.trim() ? when.fault() || (over > 0 ? words.composer.tooLong(over) : '') : words.table.blank;
    if (wrong) return say(wrong);
    // In another tab.
    if (desk.outbox.those(({ replaces }) => replaces === message.id).length > 0) return say(words.scheduled.changing);
    if (isOver) return;
    isOver = true;
    const next = inPlaceOf({ ...message, sender: from }, text.value, when.get());
    // Without it the outbox asks as soon as it can.
    const instead = await import('../model/instead.js').catch(() => null);
    const refusal = instead && (await instead.refusalOf(message.counterpart, next));
    if (!dialog.open) return;
    if (!refusal && (await desk.outbox.replace(message.counterpart, next, message.id))) return dialog.close();
    isOver = false;
    if (!refusal) return say(words.scheduled.unkept);
    const { errors } = refusal;
    if (when.blame(errors)) return;
    if (from === null || !errors.some(({ field }) => field === 'from')) return say(whyOf(refusal), ' ', words.discard.stays);
    say(words.scheduled.senderGone(senderName(from)));
    from = null;
  };
  const dialog = openDialog(
    words.scheduled.edit,
    {},
    h(
      'form',
      { class: 'form', novalidate: true, onsubmit: save },
      h('div', { class: 'field' }, h('label', { for: id }, words.composer.label), text),
      when.element,
      fault,
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, words.details.cancelNo),
        h('button', { class: 'button primary' }, words.scheduled.save),
      ),
    ),
  );
  text.focus();
}
