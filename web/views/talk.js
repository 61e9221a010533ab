import { announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText } from '../lib/dom.js';
import { Excerpt } from '../lib/excerpt.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { words } from '../lib/words.js';
import { placeOf } from '../model/thread.js';
import { asOf, showAge } from '../parts/as-of.js';
import { empty, failed, loading } from '../parts/states.js';
import { linesOf, makeLine } from './lines.js';

/** @import { Message } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Thread } from '../model/thread.js' */
/** @import { Outgoing } from '../model/outbox.js' */
/** @import { Line } from './lines.js' */

/** As near to the end as this it is followed, in pixels. */
const NEAR = 80;

/** As near to what is not shown yet as this it is fetched, in pixels. */
const EDGE = 600;

/** What was said with one number, of which a part is in the page: it grows where the user scrolls to. */
export class Talk {
  /** @type {Excerpt<Message>} */
  #excerpt = new Excerpt(placeOf);
  #before = h('button', { type: 'button', class: 'button wide', hidden: true, onclick: () => this.#earlier() }, words.thread.earlier);
  #fault = h('p', { class: 'fault', hidden: true });
  #lines = h('ol', { class: 'lines' });
  #after = h('div', {});
  #news = h('span', {});
  #sign = asOf();
  #jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.#toEnd() }, this.#news, icon('down'));

  /** It has been shown where the user begins to read. */
  #placed = false;
  /** Whether the end is shown, whatever comes. */
  #following = true;
  /** The first message that was unread when it was opened, or came unseen. @type {string | null} */
  #unread = null;
  #hadUnread = false;
  /** Texts that wait to be sent. */
  #waiting = 0;
  #state = '';

  /**
   * @param {Desk} desk
   * @param {Thread} thread
   * @param {{name: string, nothing: string, at: string | null, edit: (text: Outgoing) => void}} about whom it is with, what is said if there is nothing, which message is looked for, and where a refused text is changed
   * @param {AbortSignal} signal
   */
  constructor(desk, thread, { name, nothing, at, edit }, signal) {
    this.desk = desk;
    this.thread = thread;
    this.nothing = nothing;
    this.at = at;
    this.signal = signal;
    // What arrives is announced once, with who wrote it, wherever the user is.
    const props = { class: 'scroll talk', tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': words.thread.with(name) };
    this.scroll = h('div', props, this.#before, this.#fault, this.#lines, this.#after);
    this.element = h('div', { class: 'talk-frame' }, this.scroll, this.#sign, this.#jump);
    this.list = new KeyedList(this.#lines, (/** @type {Line} */ line) => line.key, (line) => makeLine(desk, line, edit, signal));
    this.#listen();
    thread.goTo(at);
    this.#render();
  }

  #listen() {
    const { desk, thread, scroll, signal } = this;
    const render = () => this.#render();
    scroll.addEventListener('scroll', () => this.#moved());
    thread.changes.on(render, signal);
    desk.setup.changes.on(render, signal);
    desk.conversations.changes.on(() => this.#showJump(), signal);
    desk.outbox.changes.on((recipient) => (recipient === null || recipient === thread.number) && this.#wrote(), signal);
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    for (const kind of ['online', 'offline']) addEventListener(kind, () => this.#showState(), { signal });
    const size = new ResizeObserver(() => {
      if (!this.#place() && this.#following) scroll.scrollTop = scroll.scrollHeight;
    });
    size.observe(scroll);
    signal.addEventListener('abort', () => {
      size.disconnect();
      thread.focus = null;
    });
  }

  /** Whether what is shown is from before: who looks for a message waits for it. */
  #isOld() {
    return this.thread.before !== null && this.at === null;
  }

  #messages() {
    return this.#isOld() ? this.thread.shown() : this.thread.list();
  }

  #render() {
    if (this.#place()) return;
    const { scroll } = this;
    const held = this.#following ? null : this.#hold();
    this.#noteUnread();
    this.#show();
    if (held) scroll.scrollTop += held.element.getBoundingClientRect().top - held.top;
    else if (this.#following) scroll.scrollTop = scroll.scrollHeight;
    this.#look();
    this.#showJump();
  }

  /** Shows what is to be read first, once it is known and there is room. @returns {boolean} whether it was done now */
  #place() {
    const { thread, scroll } = this;
    if (this.#placed || thread.state !== 'ready' || scroll.clientHeight === 0) return false;
    this.#placed = true;
    // Whoever reads above what was there before goes on there.
    if (this.#stay()) return true;
    if (this.at !== null) {
      if (this.#showSought(this.at)) return true;
      announce(words.thread.gone);
    }
    const messages = thread.list();
    const first = thread.firstUnread();
    const at = first ? messages.indexOf(first) : -1;
    // If it is the first one that was read, others may be before it.
    if (first && (at > 0 || thread.earlier === null)) this.#unread = first.id;
    if (this.#unread) this.#excerpt.around(messages, at);
    this.#show();
    scroll.scrollTop = scroll.scrollHeight;
    const line = this.list.element('unread');
    const hidden = line ? line.getBoundingClientRect().top - scroll.getBoundingClientRect().top : 0;
    this.#follow(this.#isEnd() && hidden >= 0);
    if (hidden < 0) scroll.scrollTop += hidden;
    this.#render();
    return true;
  }

  /** @returns {boolean} whether what was read before is still there, and where it was */
  #stay() {
    const held = this.#following ? null : this.#hold();
    const messages = this.thread.list();
    if (!held || !messages.some(({ id }) => id === held.element.dataset.id)) {
      this.#following = true;
      return false;
    }
    this.#excerpt.around(messages, messages.findIndex(({ id }) => id === held.element.dataset.id));
    this.#render();
    return true;
  }

  /** @param {string} id of a message that was looked for @returns {boolean} whether it is there */
  #showSought(id) {
    const messages = this.thread.list();
    const place = messages.findIndex((message) => message.id === id);
    if (place < 0) return false;
    this.#excerpt.around(messages, place);
    this.#following = false;
    this.#show();
    const found = this.list.element(id);
    found?.classList.add('found');
    found?.setAttribute('tabindex', '-1');
    found?.scrollIntoView({ block: 'center' });
    found?.focus({ preventScroll: true });
    this.#render();
    return true;
  }

  #show() {
    const { thread, scroll } = this;
    const messages = this.#messages();
    const { from, to } = this.#excerpt.range(messages);
    const texts = this.#isEnd() ? this.desk.outbox.to(thread.number) : [];
    this.list.show(linesOf(messages.slice(from, to), messages[to], this.#unread, texts, this.#isOld()));
    this.#lines.hidden = this.#lines.childElementCount === 0;
    this.#showState();
    const isMore = from > 0 || thread.earlier !== null;
    if (!isMore && document.activeElement === this.#before) scroll.focus({ preventScroll: true });
    this.#before.hidden = !isMore;
    this.#fault.hidden = !(isMore && thread.failure);
    setText(this.#fault, thread.failure ?? '');
  }

  #showState() {
    const { thread } = this;
    if (this.at === null) showAge(this.#sign, thread);
    const now = this.#isOld() ? `old ${thread.state} ${navigator.onLine}` : thread.state === 'ready' ? String(this.#lines.hidden) : `${thread.state} ${thread.failure}`;
    if (now === this.#state) return;
    this.#state = now;
    if (this.#isOld()) fill(this.#after, thread.state === 'failed' && navigator.onLine && h('button', { type: 'button', class: 'button wide', onclick: () => thread.load() }, words.common.tryAgain));
    else if (thread.state === 'loading') fill(this.#after, loading(3, 'bubbles'));
    else if (thread.state === 'failed') fill(this.#after, failed(words.common.notLoaded, thread.failure ?? '', () => thread.load()));
    else fill(this.#after, this.#lines.hidden && empty('talk', words.thread.nothing, this.nothing));
  }

  #showJump() {
    if (this.#following && document.activeElement === this.#jump) this.scroll.focus({ preventScroll: true });
    this.#jump.hidden = this.#following;
    const { thread } = this;
    const count = thread.later === null ? thread.list().filter((message) => message.unread).length : thread.unread();
    const label = count > 0 ? words.count.newMessages(count) : '';
    setText(this.#news, label);
    setAttribute(this.#jump, 'aria-label', label ? words.thread.below(label) : words.thread.newest);
  }

  /** The first message that can be seen, and where it is. */
  #hold() {
    const { top } = this.scroll.getBoundingClientRect();
    const element = [.../** @type {NodeListOf<HTMLElement>} */ (this.#lines.querySelectorAll('.bubble[data-id]'))].find((line) => line.getBoundingClientRect().bottom > top);
    return element ? { element, top: element.getBoundingClientRect().top } : null;
  }

  /** What comes while nobody looks is behind a line. */
  #noteUnread() {
    const first = this.thread.firstUnread();
    const isUnseen = !this.#following || document.hidden;
    if (this.#placed && first && !this.#hadUnread && isUnseen) this.#unread = first.id;
    this.#hadUnread = first !== undefined;
  }

  /** What can be seen has been read. */
  #look() {
    const { thread, list } = this;
    if (!this.#placed || document.hidden || !thread.firstUnread()) return;
    const messages = thread.list();
    const { from, to } = this.#excerpt.range(messages);
    const { bottom } = this.scroll.getBoundingClientRect();
    const isSeen = ({ id = '' }) => (list.element(id)?.getBoundingClientRect().top ?? bottom) < bottom;
    const last = this.#following ? messages.at(-1) : messages.slice(from, to).findLast(isSeen);
    if (last) this.desk.seen(thread, placeOf(last));
  }

  /** Something became of what the user wrote. */
  #wrote() {
    const count = this.desk.outbox.to(this.thread.number).length;
    // Whoever writes has read what is there; another tab may be where they do.
    if (count > this.#waiting && document.hasFocus()) {
      this.#unread = null;
      this.#toEnd();
    }
    this.#waiting = count;
    this.#render();
  }

  #moved() {
    const { scroll, thread } = this;
    const below = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
    if (this.#isOld()) {
      this.#following = below < NEAR;
      this.#showJump();
    }
    // While it is read anew there is nothing to scroll in.
    if (!this.#placed || thread.state !== 'ready') return;
    const isFollowing = below < NEAR && this.#isEnd();
    if (isFollowing !== this.#following) this.#follow(isFollowing);
    if (scroll.scrollTop < EDGE && !isFollowing && !this.#before.hidden) this.#up();
    else if (below < EDGE && !this.#isEnd()) this.#down();
    thread.focus = this.#following ? null : (this.#hold()?.element.dataset.id ?? null);
    this.#look();
    this.#showJump();
  }

  #isEnd() {
    const messages = this.#messages();
    return this.thread.later === null && this.#excerpt.range(messages).to === messages.length;
  }

  /** @param {boolean} isFollowing */
  #follow(isFollowing) {
    this.#following = isFollowing;
    if (isFollowing) this.#excerpt.follow();
    else this.#excerpt.stay(this.thread.list());
  }

  #toEnd() {
    this.#follow(true);
    this.thread.goTo(null);
    this.#render();
  }

  async #earlier() {
    // Whoever presses it without looking at it is where it is, too.
    this.scroll.scrollTop = 0;
    await this.#up();
    announce(this.thread.failure ?? words.thread.earlierShown);
  }

  async #up() {
    const { thread } = this;
    this.#follow(false);
    if (!this.#excerpt.up(thread.list())) {
      const first = thread.list()[0];
      await thread.loadEarlier();
      if (thread.list()[0] === first || this.signal.aborted) return;
      this.#excerpt.up(thread.list());
    }
    this.#render();
  }

  async #down() {
    const { thread } = this;
    if (!this.#excerpt.down(thread.list())) {
      const last = thread.list().at(-1);
      await thread.loadLater();
      if (thread.list().at(-1) === last || this.signal.aborted) return;
      this.#excerpt.down(thread.list());
    }
    this.#render();
  }
}
