import { fill, h, phrase, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { conversationPlace } from '../lib/router.js';
import { words } from '../lib/words.js';
import { Sent } from '../model/sent.js';
import { briefStatus, hasFailed } from '../model/wording.js';
import { pages } from '../parts/pages.js';
import { empty, failed, loading } from '../parts/states.js';
import { reasonOf } from './outgoing.js';

/** @import { Row } from '../lib/list.js' */
/** @import { Child } from '../lib/dom.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { Outcome } from '../model/sent.js' */
/** @import { View } from './home.js' */

/** What became of a text that went to several together. @param {Desk} desk @param {string} batch @param {AbortSignal} signal @returns {View} */
export function sentView(desk, batch, signal) {
  const sent = new Sent(desk, batch, signal);
  const summary = h('p', { class: 'summary', role: 'status' });
  const list = pages(words.recipients.list, (/** @type {Outcome} */ outcome) => outcome.key, () => entry(desk));
  const rest = h('div', {});
  const heading = h('h2', { tabindex: '-1' }, words.together.title);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.together.title },
    h('div', { class: 'bar' }, back, heading),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.recipients.list }, summary, list.element, rest),
  );
  let isAsked = false;
  const render = () => {
    isAsked = false;
    if (signal.aborted) return;
    const outcomes = sent.outcomes();
    list.show(outcomes);
    setText(summary, outcomes.length > 0 ? summaryOf(outcomes) : '');
    if (outcomes.length > 0) fill(rest);
    else if (sent.state === 'loading') fill(rest, loading(3, 'rows'));
    else if (sent.state === 'failed') fill(rest, failed(words.common.notLoaded, sent.failure ?? '', () => sent.load()));
    else fill(rest, empty('talk', words.together.nothing, words.together.gone));
  };
  // Of many that change at once one look is enough.
  const changed = () => {
    if (!isAsked) setTimeout(render, 50);
    isAsked = true;
  };
  sent.changes.on(changed, signal);
  desk.contacts.changes.on(changed, signal);
  render();
  sent.load();
  return { element, title: words.together.title, focus: () => heading.focus() };
}

/** @param {Outcome[]} outcomes */
function summaryOf(outcomes) {
  const count = (/** @type {(outcome: Outcome) => boolean | undefined} */ is) => outcomes.filter(is).length;
  const delivered = count(({ message }) => message?.status === 'delivered');
  const undelivered = count(({ message }) => message && (hasFailed(message) || message.status === 'canceled'));
  const unsent = count(({ text }) => text?.state === 'refused');
  const underWay = outcomes.length - delivered - undelivered - unsent;
  const parts = [
    words.recipients.count(outcomes.length),
    words.together.delivered(delivered),
    undelivered > 0 && words.together.undelivered(undelivered),
    unsent > 0 && words.together.unsent(unsent),
    underWay > 0 && words.together.underWay(underWay),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** What is said of one that the server has not confirmed. @param {Outgoing} text @returns {Child[]} */
function standing(text) {
  if (text.state === 'sending') return [words.outgoing.sending];
  return text.state === 'refused' ? phrase(words.together.refused, { reason: reasonOf(text) }) : [reasonOf(text)];
}

/** @param {Desk} desk @returns {Row<Outcome>} */
function entry(desk) {
  const number = h('a', {});
  const status = h('span', { class: 'row-status' });
  const actions = h('span', { class: 'actions' });
  const element = h('li', { class: 'entry' }, number, status, actions);
  let shown = '';
  /** @param {Outcome} outcome */
  const update = ({ number: counterpart, message, text }) => {
    number.href = conversationPlace(counterpart, message?.id);
    setText(number, desk.contacts.shown(counterpart));
    const isRefused = text?.state === 'refused';
    fill(status, ...(text ? standing(text) : [message ? briefStatus(message) : '']));
    element.classList.toggle('failed', isRefused || Boolean(message && hasFailed(message)));
    const now = isRefused ? `${text?.key} ${text?.writtenAt} ${number.textContent}` : '';
    if (now === shown) return;
    shown = now;
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
      h('button', { type: 'button', class: 'link', 'aria-label': words.together.of(label, desk.contacts.shown(counterpart)), onclick }, label);
    if (text && isRefused) fill(actions, button(words.common.tryAgain, () => desk.outbox.again(text)), button(words.outgoing.discard, () => desk.outbox.drop(text)));
    else fill(actions);
  };
  return { element, update };
}
