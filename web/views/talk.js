import { announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText } from '../lib/dom.js';
import { Excerpt } from '../lib/excerpt.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { counted } from '../model/wording.js';
import { empty, failed, loading } from '../parts/states.js';
import { linesOf, makeLine } from './lines.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Thread } from '../model/thread.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { Line } from './lines.js' */

/** As near to the end as this it is followed, in pixels. */
const NEAR = 80;

/** As near to what is not shown yet as this it is fetched, in pixels. */
const EDGE = 600;

/**
 * What was said with one number, of which a part is in the page: it grows where the user scrolls to.
 *
 * @param {Desk} desk
 * @param {Thread} thread
 * @param {{name: string, nothing: string, edit: (text: Outgoing) => void}} about whom it is with, what is said if there is nothing, and where a refused text is changed
 * @param {AbortSignal} signal
 */
export function talk(desk, thread, { name, nothing, edit }, signal) {
  /** @type {Excerpt<import('../api/types.js').Message>} */
  const excerpt = new Excerpt();
  const before = h('button', { type: 'button', class: 'button wide', hidden: true, onclick: () => earlier() }, 'Show earlier messages');
  const fault = h('p', { class: 'fault', hidden: true });
  const lines = h('ol', { class: 'lines' });
  const after = h('div', {});
  // What arrives is announced once, with who wrote it, wherever the user is.
  const scroll = h('div', { class: 'scroll talk', tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': `Messages with ${name}` }, before, fault, lines, after);
  const news = h('span', {});
  const jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => toEnd() }, news, icon('down'));
  const element = h('div', { class: 'talk-frame' }, scroll, jump);
  const list = new KeyedList(lines, (/** @type {Line} */ line) => line.key, (line) => makeLine(desk, line, edit, signal));

  /** It has been shown where the user begins to read. */
  let placed = false;
  /** Whether the end is shown, whatever comes. */
  let following = true;
  /** The first message that was unread when it was opened, or came unseen. @type {string | null} */
  let unread = null;
  let hadUnread = false;
  let waiting = 0;
  let state = '';

  const below = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
  const isEnd = () => excerpt.range(thread.list()).to === thread.list().length;
  const follow = (/** @type {boolean} */ isFollowing) => {
    following = isFollowing;
    if (following) excerpt.follow();
    else excerpt.stay(thread.list());
  };
  const render = () => {
    if (place()) return;
    const held = following ? null : hold();
    noteUnread();
    show();
    if (held) scroll.scrollTop += held.element.getBoundingClientRect().top - held.top;
    else if (following) scroll.scrollTop = scroll.scrollHeight;
    look();
    showJump();
  };
  const show = () => {
    const messages = thread.list();
    const { from, to } = excerpt.range(messages);
    const texts = to === messages.length ? desk.outbox.to(thread.number) : [];
    list.show(linesOf(messages.slice(from, to), messages[to], unread, texts));
    lines.hidden = lines.childElementCount === 0;
    showState();
    const isMore = from > 0 || thread.earlier !== null;
    if (!isMore && document.activeElement === before) scroll.focus({ preventScroll: true });
    before.hidden = !isMore;
    fault.hidden = !(isMore && thread.failure);
    setText(fault, thread.failure ?? '');
  };
  const showState = () => {
    const now = thread.state === 'ready' ? String(lines.hidden) : `${thread.state} ${thread.failure}`;
    if (now === state) return;
    state = now;
    if (thread.state === 'loading') fill(after, loading(3, 'bubbles'));
    else if (thread.state === 'failed') fill(after, failed('Not loaded', thread.failure ?? '', () => thread.load()));
    else fill(after, lines.hidden && empty('talk', 'Nothing here yet', nothing));
  };
  /** Shows what is to be read first, once it is known and there is room; @returns {boolean} whether it was done now */
  const place = () => {
    if (placed || thread.state !== 'ready' || scroll.clientHeight === 0) return false;
    placed = true;
    const messages = thread.list();
    const first = thread.firstUnread();
    const at = first ? messages.indexOf(first) : -1;
    // If it is the first one that was read, others may be before it.
    if (first && (at > 0 || thread.earlier === null)) unread = first.id;
    if (unread) excerpt.around(messages, at);
    if (!isEnd()) following = false;
    show();
    scroll.scrollTop = scroll.scrollHeight;
    const line = list.element('unread');
    const hidden = line ? line.getBoundingClientRect().top - scroll.getBoundingClientRect().top : 0;
    follow(following && hidden >= 0);
    if (hidden < 0) scroll.scrollTop += hidden;
    render();
    return true;
  };
  /** The first message that can be seen, and where it is. */
  const hold = () => {
    const { top } = scroll.getBoundingClientRect();
    const element = [...lines.querySelectorAll('.bubble')].find((line) => line.getBoundingClientRect().bottom > top);
    return element ? { element, top: element.getBoundingClientRect().top } : null;
  };
  /** What comes while nobody looks is behind a line. */
  const noteUnread = () => {
    const first = thread.firstUnread();
    if (placed && first && !hadUnread && (!following || document.hidden)) unread = first.id;
    hadUnread = first !== undefined;
  };
  /** What can be seen has been read. */
  const look = () => {
    if (!placed || document.hidden || !thread.firstUnread()) return;
    const messages = thread.list();
    const { from, to } = excerpt.range(messages);
    const { bottom } = scroll.getBoundingClientRect();
    const isSeen = ({ id = '' }) => (list.element(id)?.getBoundingClientRect().top ?? bottom) < bottom;
    const last = following ? messages.at(-1) : messages.slice(from, to).findLast(isSeen);
    if (last) desk.seen(thread, last.id);
  };
  const showJump = () => {
    if (following && document.activeElement === jump) scroll.focus({ preventScroll: true });
    jump.hidden = following;
    const count = thread.list().filter((message) => message.unread).length;
    const label = count > 0 ? counted(count, 'new message') : '';
    setText(news, label);
    setAttribute(jump, 'aria-label', label ? `${label}, below` : 'The newest messages');
  };
  const toEnd = () => {
    follow(true);
    render();
  };
  const up = async () => {
    follow(false);
    if (!excerpt.up(thread.list())) {
      const first = thread.list()[0];
      await thread.loadEarlier();
      if (thread.list()[0] === first || signal.aborted) return;
      excerpt.up(thread.list());
    }
    render();
  };
  const earlier = async () => {
    // Whoever presses it without looking at it is where it is, too.
    scroll.scrollTop = 0;
    await up();
    announce(thread.failure ?? 'Earlier messages are shown.');
  };
  const moved = () => {
    if (!placed) return;
    const end = below();
    const isFollowing = end < NEAR && isEnd();
    if (isFollowing !== following) follow(isFollowing);
    if (scroll.scrollTop < EDGE && !before.hidden) up();
    else if (end < EDGE && !isEnd() && excerpt.down(thread.list())) render();
    look();
    showJump();
  };

  scroll.addEventListener('scroll', moved);
  thread.changes.on(render, signal);
  desk.setup.changes.on(render, signal);
  desk.outbox.changes.on((recipient) => {
    if (recipient !== thread.number) return;
    const count = desk.outbox.to(recipient).length;
    // Whoever writes has read what is there.
    if (count > waiting) unread = null;
    if (count > waiting) follow(true);
    waiting = count;
    render();
  }, signal);
  document.addEventListener('visibilitychange', look, { signal });
  const size = new ResizeObserver(() => {
    if (!place() && following) scroll.scrollTop = scroll.scrollHeight;
  });
  size.observe(scroll);
  signal.addEventListener('abort', () => size.disconnect());
  render();
  return element;
}
