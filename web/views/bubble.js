import { medium } from '../api/files.js';
import { fill, h, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { time } from '../lib/time.js';
import { words } from '../lib/words.js';
import { exchangedAt } from '../model/standing.js';
import { briefStatus, hasFailed, isScheduled, leaving, statusName } from '../model/wording.js';
import { linked } from '../parts/linked.js';
import { media } from '../parts/media.js';
import { details } from './details.js';
import { canResend, resend } from './resend.js';

/** @import { Message } from '../api/types.js' */
/** @import { IconName } from '../lib/icons.js' */
/** @import { Desk } from '../model/desk.js' */

/** Another is joined to a text as long as it was written so soon after it, in milliseconds. */
const TOGETHER = 60_000;

/** What is shown of a text of ours beside its words. @type {Partial<Record<Message['status'], IconName>>} */
const TICKS = { queued: 'clock', sending: 'clock', accepted: 'tick', sent: 'tick', delivered: 'ticks' };

/**
 * A message in its thread.
 *
 * @param {Desk} desk
 * @param {Message} first
 * @param {AbortSignal} signal
 * @returns {{element: HTMLElement, update: (message: Message, joined: boolean, isOld: boolean) => void, end: () => void}}
 */
export function bubble(desk, first, signal) {
  let message = first;
  const ours = first.direction === 'outbound';
  const over = new AbortController();
  signal.addEventListener('abort', () => over.abort(), { signal: over.signal });
  const at = h('time', {});
  const route = h('span', {});
  const status = h('span', { class: 'status' });
  const text = h('p', { class: 'text', dir: 'auto' });
  const tick = h('span', { class: 'tick', 'aria-hidden': 'true' });
  const again = h('button', { type: 'button', class: 'link', hidden: true, onclick: () => resend(desk, message) }, words.bubble.sendAgain);
  const more = h(
    'button',
    { type: 'button', class: 'tool more', title: words.bubble.details, onclick: () => details(desk, message) },
    icon('more'),
  );
  const element = h(
    'li',
    { class: ours ? 'bubble ours' : 'bubble theirs', 'data-id': first.id },
    h('span', { class: 'unseen' }, ours ? words.bubble.you : words.bubble.they),
    first.media.length > 0 && media(first, (index, until) => medium(desk.user, first.id, index, until), over.signal),
    h('div', { class: 'said' }, text, ours && tick, more),
    h('p', { class: 'meta' }, at, route, ours && ' · ', ours && status),
    again,
  );
  let shown = '';
  let ticked = '';
  /** @param {Message} next @param {boolean} joined whether its time and status are those of the one below @param {boolean} isOld whether it may have become another since */
  const update = (next, joined, isOld) => {
    message = next;
    element.dataset.status = next.status;
    element.classList.toggle('joined', joined);
    element.classList.toggle('failed', hasFailed(next));
    element.classList.toggle('pale', isScheduled(next) || next.status === 'canceled');
    text.hidden = !next.content && next.media.length > 0;
    if (shown !== next.content) fill(text, ...linked(next.content ?? ''));
    shown = next.content ?? '';
    const moment = exchangedAt(next);
    setText(at, time(moment));
    at.dateTime = moment;
    const through = desk.setup.route(next);
    setText(route, through && ` · ${through}`);
    setText(status, briefStatus(next));
    again.hidden = !canResend(next);
    more.disabled = again.disabled = isOld;
    const picture = joined ? (TICKS[next.status] ?? '') : '';
    if (picture !== ticked) fill(tick, picture && icon(picture));
    ticked = picture;
    tick.title = picture && statusName(next.status);
    more.setAttribute('aria-label', ours ? words.bubble.detailsOfYours(time(moment)) : words.bubble.detailsOfTheirs(time(moment)));
  };
  return { element, update, end: () => over.abort() };
}

/**
 * Whether the time and status of a message need no line of their own, because the one below has the same author
 * and came at once.
 *
 * @param {Message} message
 * @param {Message | undefined} below
 */
export const isJoined = (message, below) =>
  below !== undefined &&
  below.direction === message.direction &&
  Date.parse(exchangedAt(below)) - Date.parse(exchangedAt(message)) < TOGETHER &&
  time(exchangedAt(below)) === time(exchangedAt(message)) &&
  below.sender === message.sender &&
  (message.direction === 'inbound' || (isUnderWay(message) && isUnderWay(below)));

/** Whether there is nothing to say of a text but how far it is. @param {Message} message */
const isUnderWay = (message) => !hasFailed(message) && message.status !== 'canceled' && !isScheduled(message) && !leaving(message);
