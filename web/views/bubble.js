import { h, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { time } from '../lib/time.js';
import { briefStatus, hasFailed, isScheduled } from '../model/wording.js';
import { media } from '../parts/media.js';
import { details } from './details.js';

/** @import { Message } from '../api/types.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */

/**
 * A message in its thread.
 *
 * @param {Desk} desk
 * @param {Message} first
 * @param {AbortSignal} signal
 * @returns {Row<Message>}
 */
export function bubble(desk, first, signal) {
  let message = first;
  const ours = first.direction === 'outbound';
  const at = h('time', {});
  const route = h('span', {});
  const status = h('span', { class: 'status' });
  const text = h('p', { class: 'text', dir: 'auto' });
  const more = h(
    'button',
    { type: 'button', class: 'tool more', title: 'Details', onclick: () => details(desk, message) },
    icon('more'),
  );
  const element = h(
    'li',
    { class: ours ? 'bubble ours' : 'bubble theirs' },
    h('span', { class: 'unseen' }, ours ? 'You:' : 'They:'),
    first.media.length > 0 && media(desk.user, first, signal),
    h('div', { class: 'said' }, text, more),
    h('p', { class: 'meta' }, at, route, ours && ' · ', ours && status),
  );
  /** @param {Message} next */
  const update = (next) => {
    message = next;
    element.dataset.status = next.status;
    element.classList.toggle('failed', hasFailed(next));
    element.classList.toggle('pale', isScheduled(next) || next.status === 'canceled');
    text.hidden = !next.content && next.media.length > 0;
    setText(text, next.content ?? '');
    setText(at, time(next.sent_at));
    at.dateTime = next.sent_at;
    const through = desk.setup.route(next);
    setText(route, through && ` · ${through}`);
    setText(status, briefStatus(next));
    more.setAttribute('aria-label', `Details of ${ours ? 'your' : 'their'} message of ${time(next.sent_at)}`);
  };
  return { element, update };
}
