import { assign, claim, unassignedMedium } from '../api/unassigned.js';
import { Problem, sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { conversationPlace, go } from '../lib/router.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { media } from '../parts/media.js';
import { empty, failed, loading } from '../parts/states.js';

/** @import { Message } from '../api/types.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** What belongs to nobody, to be taken or given to somebody. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function inboxView(desk, signal) {
  const { inbox } = desk;
  const texts = h('ul', { class: 'unassigned', 'aria-label': words.inbox.texts });
  const list = new KeyedList(texts, (text) => text.id, (text) => entry(desk, text, signal));
  const rest = h('div', {});
  const more = () => h('button', { type: 'button', class: 'button wide', onclick: () => inbox.more() }, words.common.loadMore);
  const render = () => {
    if (inbox.open === false) return go('#/', { replace: true });
    list.show(inbox.texts);
    texts.hidden = inbox.texts.length === 0;
    if (inbox.state === 'loading') fill(rest, loading(3, 'rows'));
    else if (inbox.state === 'failed') fill(rest, failed(words.common.notLoaded, inbox.failure ?? '', () => inbox.load()));
    else if (inbox.texts.length === 0) fill(rest, empty('inbox', words.inbox.none, words.inbox.noneHint));
    else fill(rest, inbox.next && more());
  };
  inbox.changes.on(render, signal);
  desk.contacts.changes.on(render, signal);
  const heading = h('h2', { tabindex: '-1' }, words.common.unassigned);
  const back = h('a', { class: 'tool back', href: '#/', 'aria-label': words.common.allConversations, title: words.common.allConversations }, icon('back'));
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.common.unassigned },
    h('div', { class: 'bar' }, back, heading),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.inbox.texts }, texts, rest),
  );
  // A view is made while the place is looked at: leaving it has to wait.
  queueMicrotask(() => signal.aborted || render());
  return { element, title: words.common.unassigned, focus: () => heading.focus() };
}

/** @param {Desk} desk @param {Message} text @param {AbortSignal} signal @returns {Row<Message>} */
function entry(desk, text, signal) {
  const { id, counterpart, content, sent_at: at } = text;
  const over = new AbortController();
  signal.addEventListener('abort', () => over.abort(), { signal: over.signal });
  const fault = h('p', { class: 'fault', hidden: true });
  const take = h('button', { type: 'button', class: 'button primary', onclick: () => claimed() }, words.inbox.take);
  const give = h('button', { type: 'button', class: 'button', onclick: () => askWhom(desk, id, desk.contacts.shown(counterpart)) }, words.inbox.give);
  const author = h('strong', { dir: 'auto' });
  const claimed = async () => {
    if (take.getAttribute('aria-busy')) return;
    setAttribute(take, 'aria-busy', 'true');
    try {
      desk.put(await claim(id));
      desk.inbox.drop(id);
      announce(words.inbox.taken);
      go(conversationPlace(counterpart));
    } catch (error) {
      if (isGone(error)) return tellGone(desk, id);
      fault.hidden = false;
      setText(fault, sentence(error));
      alarm(sentence(error));
    } finally {
      setAttribute(take, 'aria-busy', null);
    }
  };
  const element = h(
    'li',
    {},
    h('p', { class: 'agent' }, author, ' · ', h('time', { datetime: at }, full(at))),
    text.media.length > 0 && media(text, (index, until) => unassignedMedium(id, index, until), over.signal),
    (content || text.media.length === 0) && h('p', { class: 'text', dir: 'auto' }, content || words.inbox.noWords),
    h('div', { class: 'actions' }, take, give),
    fault,
  );
  const update = () => {
    setText(author, desk.contacts.both(counterpart));
    for (const button of [take, give]) setAttribute(button, 'aria-label', words.inbox.of(button.textContent ?? '', desk.contacts.shown(counterpart)));
  };
  return { element, update, end: () => over.abort() };
}

/** @param {Desk} desk @param {string} id @param {string} author */
function askWhom(desk, id, author) {
  const who = field(words.common.username, { name: 'username', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' }, words.inbox.giveHint);
  const dialog = openDialog(
    words.inbox.giveTitle(author),
    {},
    form([who], { label: words.inbox.giveYes }, async ({ username = '' }) => {
      try {
        await assign(id, username);
      } catch (error) {
        if (!isGone(error)) throw error;
        dialog.close();
        return tellGone(desk, id);
      }
      dialog.close();
      desk.inbox.drop(id);
      announce(words.inbox.given(username));
    }),
  );
}

/** Whether somebody else was faster. @param {unknown} error */
const isGone = (error) => error instanceof Problem && (error.status === 409 || error.status === 404);

/** @param {Desk} desk @param {string} id */
function tellGone(desk, id) {
  desk.inbox.drop(id);
  desk.inbox.refresh();
  alarm(words.inbox.gone);
}
