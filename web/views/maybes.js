import { liftOptOut, putOptOut } from '../api/consent.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText } from '../lib/dom.js';
import { KeyedList } from '../lib/list.js';
import { conversationPlace, go } from '../lib/router.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { keyOf, maybesOf } from '../model/maybes.js';
import { empty, failed, loading } from '../parts/states.js';
import { page } from '../parts/view.js';
import { nameOf } from './consent.js';

/** @import { ListedOptOut } from '../api/types.js' */
/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Maybes } from '../model/maybes.js' */
/** @import { View } from './home.js' */

/** Who may have meant STOP, so that somebody says what they meant. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function maybesView(desk, signal) {
  const maybes = maybesOf(desk);
  const people = h('ul', { class: 'unassigned', 'aria-label': words.maybes.list });
  const list = new KeyedList(people, keyOf, (one) => entry(desk, maybes, one));
  const rest = h('div', {});
  const more = () => h('button', { type: 'button', class: 'button wide', onclick: () => maybes.more() }, words.common.loadMore);
  const render = () => {
    if (maybes.open === false) return go('#/', { replace: true });
    list.show(maybes.people);
    people.hidden = maybes.people.length === 0;
    if (maybes.state === 'loading') fill(rest, loading(3, 'rows'));
    else if (maybes.state === 'failed') fill(rest, failed(words.common.notLoaded, maybes.failure ?? '', () => maybes.load()));
    else if (maybes.people.length === 0) fill(rest, empty('people', words.maybes.none, ''));
    else fill(rest, maybes.next && more());
  };
  maybes.changes.on(render, signal);
  desk.contacts.changes.on(render, signal);
  // A view is made while the place is looked at: leaving it has to wait.
  queueMicrotask(() => signal.aborted || render());
  return page(words.maybes.title, words.maybes.list, [], h('p', { class: 'soft' }, words.maybes.hint), people, rest);
}

/** @param {Desk} desk @param {Maybes} maybes @param {ListedOptOut} first @returns {Row<ListedOptOut>} */
function entry(desk, maybes, first) {
  const { number, sender, said_at: at } = first;
  let one = first;
  const fault = h('p', { class: 'fault', hidden: true });
  /** @param {string} label @param {(number: string, sender: string | null) => Promise<unknown>} say */
  const button = (label, say) => {
    const pressed = h('button', { type: 'button', class: 'button', onclick: () => tell() }, label);
    const tell = async () => {
      if (pressed.getAttribute('aria-busy')) return;
      setAttribute(pressed, 'aria-busy', 'true');
      try {
        await say(number, sender);
        const next = nextTo(element);
        maybes.drop(one);
        next?.focus();
        announce(words.consent.noted);
        desk.conversations.refresh();
      } catch (error) {
        fault.hidden = false;
        setText(fault, sentence(error));
        alarm(sentence(error));
      } finally {
        setAttribute(pressed, 'aria-busy', null);
      }
    };
    return pressed;
  };
  const buttons = [button(words.maybes.stop, putOptOut), button(words.maybes.go, liftOptOut)];
  const author = h('a', { dir: 'auto', href: conversationPlace(number) });
  const element = h(
    'li',
    {},
    h('p', { class: 'agent' }, author),
    h('p', { class: 'soft small' }, words.consent.capital(nameOf(sender)), ' · ', h('time', { datetime: at }, full(at))),
    h('div', { class: 'actions' }, ...buttons),
    fault,
  );
  const update = (/** @type {ListedOptOut} */ next) => {
    one = next;
    setText(author, desk.contacts.both(number));
    for (const one of buttons) setAttribute(one, 'aria-label', words.maybes.of(one.textContent ?? '', desk.contacts.shown(number)));
  };
  return { element, update };
}

/** Where the focus goes when an entry goes away. @param {Element} entry @returns {HTMLElement | null | undefined} */
const nextTo = (entry) => (entry.nextElementSibling ?? entry.previousElementSibling)?.querySelector('button') ?? entry.closest('.view')?.querySelector('h2');
