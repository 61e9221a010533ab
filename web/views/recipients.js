import { announce } from '../lib/announce.js';
import { fill, h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { KeyedList } from '../lib/list.js';
import { words } from '../lib/words.js';
import { formatNumber, parseNumber } from '../model/number.js';
import { Reach } from '../model/reach.js';
import { MOST, Recipients, isList, isOpen, nameOf, split } from '../model/recipients.js';
import { field } from '../parts/field.js';
import { suggestions } from '../parts/suggestions.js';

/** @import { Row } from '../lib/list.js' */
/** @import { Contacts } from '../model/contacts.js' */
/** @import { Addressee } from '../model/recipients.js' */

/**
 * Where it is said to whom a text goes: one is typed, several become chips.
 *
 * @param {Contacts} contacts who are suggested
 * @param {{number?: string, numbers?: string[]}} given as it was left
 * @param {(now: {number: string, numbers: string[]}) => void} changed
 * @param {AbortSignal} signal
 */
export function recipientField(contacts, given, changed, signal) {
  const people = new Recipients();
  const asked = field(words.new.to, { name: 'recipient', autocomplete: 'off', placeholder: '+1 415 555 0123', required: true }, words.new.toHint);
  const { input } = asked;
  const id = uniqueId('chips');
  const chips = h('ul', { id, class: 'chips', 'aria-label': words.recipients.list, hidden: true });
  const list = new KeyedList(chips, nameOf, () => chip({ shownAs, remove, change }));
  const clear = h('button', { type: 'button', class: 'link', hidden: true, onclick: () => removeWrong() });
  // For whoever has no key for it at hand; with the Tab key one goes on to the text.
  const more = h('button', { type: 'button', class: 'link', hidden: true, tabindex: '-1', onclick: () => another() }, words.recipients.another);
  const told = h('p', { class: 'hint', hidden: true });
  input.before(chips);
  // Its keys come before those of the field.
  input.after(suggestions(input, (text) => (parseNumber(text) ? [] : contacts.find(text).filter(isNew)), (contact) => choose(contact)));
  asked.element.append(more, told, clear);
  const reach = new Reach((number, fault) => {
    const one = people.list.find((other) => other.number === number);
    if (!one) return;
    one.fault = fault;
    announce(words.recipients.fault(shownAs(one), String(fault)));
    show();
  }, signal);

  const wrong = () => people.list.filter(({ fault }) => fault);
  const show = () => {
    list.show(people.list);
    chips.hidden = people.list.length === 0;
    setAttribute(input, 'required', people.list.length === 0);
    more.hidden = !typed();
    clear.hidden = wrong().length < 2;
    setText(clear, words.recipients.removeWrong(wrong().length));
    settle();
    changed({ number: input.value, numbers: people.list.map(({ written }) => written) });
  };
  const buttons = () => [.../** @type {NodeListOf<HTMLButtonElement>} */ (chips.querySelectorAll('button'))];
  /** Of all chips one is reached with the Tab key, the others with the arrows. @param {HTMLElement} [at] */
  const settle = (at) => {
    const all = buttons();
    const chosen = at ?? all.find((one) => one.tabIndex === 0) ?? all.at(-1);
    for (const one of all) one.tabIndex = one === chosen ? 0 : -1;
  };
  /** @param {string[]} texts */
  const add = (texts) => {
    if (texts.length === 0) return;
    const outcome = people.add(texts);
    const sentence = addedOf(outcome);
    setText(told, sentence);
    told.hidden = outcome.doubled + outcome.left === 0;
    announce(sentence);
    if (people.list.length > 1) reach.ask(people.numbers());
    show();
  };
  /** @param {{number: string}} contact */
  const isNew = ({ number }) => !people.list.some((one) => one.number === number);
  /** @param {{number: string}} contact */
  const choose = ({ number }) => {
    input.value = '';
    add([number]);
  };
  /** @param {Addressee} one @returns {string} */
  const shownAs = ({ number, written }) => (number ? contacts.shown(number) : written);
  /** @param {Addressee} one */
  const remove = (one) => {
    const place = Math.max(0, people.list.indexOf(one));
    people.remove((other) => other === one);
    show();
    announce(words.files.removed(shownAs(one)));
    const next = people.list[Math.min(place, people.list.length - 1)];
    const button = next && list.element(nameOf(next))?.querySelector('button:last-of-type');
    if (button instanceof HTMLElement) button.focus();
    else input.focus();
  };
  /** @param {Addressee} one that is wrong: it is written anew */
  const change = (one) => {
    const typed = input.value.trim();
    people.remove((other) => other === one);
    input.value = one.written;
    asked.fail('');
    if (typed) add([typed]);
    show();
    input.focus();
  };
  const removeWrong = () => {
    people.remove(({ fault }) => fault !== '');
    show();
    input.focus();
  };
  /** @param {string} text whose last part may still be being written @param {boolean} whole */
  const take = (text, whole) => {
    const parts = split(text);
    input.value = !whole && isOpen(text) ? (parts.pop() ?? '') : '';
    add(parts);
  };
  const another = () => {
    take(input.value, true);
    input.focus();
  };

  input.addEventListener('input', () => {
    if (isList(input.value)) take(input.value, false);
    else show();
  });
  input.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (split(text).length < 2) return;
    event.preventDefault();
    const typed = input.value.trim();
    take(typed ? `${typed},${text}` : text, true);
  });
  input.addEventListener('keydown', (event) => {
    const isStart = input.selectionStart === 0 && input.selectionEnd === 0;
    if (event.key === 'Enter' && !event.isComposing && input.value.trim()) {
      event.preventDefault();
      take(input.value, true);
    } else if ((event.key === 'Backspace' || event.key === 'ArrowLeft') && isStart && people.list.length > 0) {
      event.preventDefault();
      move(buttons().length - 1);
    }
  });
  /** @param {number} place of a button; behind the last one is the input */
  const move = (place) => {
    const to = buttons()[Math.max(0, place)];
    if (to) settle(to);
    (to ?? input).focus();
  };
  chips.addEventListener('keydown', (event) => {
    const all = buttons();
    const here = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (here < 0) return;
    const steps = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 };
    if (event.key in steps) move(steps[/** @type {keyof typeof steps} */ (event.key)]);
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const at = all[here]?.closest('li');
      const one = people.list.find((other) => list.element(nameOf(other)) === at);
      if (one) remove(one);
    } else return;
    event.preventDefault();
  });

  contacts.changes.on(() => list.show(people.list), signal);
  const typed = () => parseNumber(input.value);
  /** @returns {string[]} each once, the one that is being typed as the last */
  const all = () => [...new Set([...people.numbers(), ...(typed() ? [typed() ?? ''] : [])])];
  input.value = given.number ?? '';
  people.add(given.numbers ?? []);
  if (people.list.length > 1) reach.ask(people.numbers());
  list.show(people.list);
  chips.hidden = people.list.length === 0;
  more.hidden = !typed();
  settle();
  return {
    element: asked.element,
    focus: () => input.focus(),
    all,
    /** @returns {string[] | null} the same, if nothing is wrong with what is there; otherwise that is said */
    wanted: () => {
      const isTyped = input.value.trim() !== '';
      if ((isTyped && !typed()) || (!isTyped && people.list.length === 0)) {
        asked.fail(words.new.noNumber);
        input.focus();
        return null;
      }
      const [first] = wrong();
      if (!first) return all();
      asked.fail(words.recipients.wrong);
      const button = list.element(nameOf(first))?.querySelector('button');
      if (button) settle(button);
      button?.focus();
      return null;
    },
  };
}

/** @param {{added: number, wrong: number, doubled: number, left: number}} told */
const addedOf = ({ added, wrong, doubled, left }) =>
  [
    added > 0 && words.recipients.added(added),
    wrong > 0 && words.recipients.addedWrong(wrong),
    doubled > 0 && words.recipients.doubles(doubled),
    left > 0 && words.recipients.left(left, MOST),
  ]
    .filter(Boolean)
    .join(' ');

/** @param {{shownAs: (one: Addressee) => string, remove: (one: Addressee) => void, change: (one: Addressee) => void}} on @returns {Row<Addressee>} */
function chip(on) {
  const element = h('li', { class: 'chip' });
  let shown = '';
  /** @param {Addressee} one */
  const update = (one) => {
    const name = on.shownAs(one);
    const now = `${name} ${one.fault}`;
    if (now === shown) return;
    shown = now;
    element.classList.toggle('failed', one.fault !== '');
    const label = one.fault
      ? h('button', { type: 'button', class: 'link', 'aria-label': words.recipients.change(name, String(one.fault)), onclick: () => on.change(one) }, name)
      : h('span', {}, name);
    const drop = words.files.remove(name);
    fill(
      element,
      label,
      one.fault && h('span', { class: 'hint' }, one.fault),
      h('button', { type: 'button', class: 'drop', title: drop, 'aria-label': drop, onclick: () => on.remove(one) }, icon('close')),
    );
  };
  return { element, update };
}

/** @param {string | null} number */
export const asTyped = (number) => (number ? formatNumber(number) : '');
