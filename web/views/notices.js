import { h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { Notices } from '../model/notices.js';

/** @import { Desk } from '../model/desk.js' */

/** Asks once, after the first text came in, whether the user wants to be told of others. @param {Desk} desk @param {AbortSignal} signal */
export function noticesHint(desk, signal) {
  const { notices } = desk;
  const isOpen = () => Notices.canBe && !notices.isForbidden && notices.wanted === null;
  const close = () => {
    element.hidden = true;
  };
  const accept = async () => {
    close();
    await notices.turnOn();
  };
  const refuse = () => {
    close();
    notices.turnOff();
  };
  const element = h(
    'section',
    { class: 'hint', hidden: true, 'aria-label': words.notices.title },
    h('p', {}, words.notices.hint),
    h('button', { type: 'button', class: 'button small', onclick: accept }, words.notices.turnOn),
    h('button', { type: 'button', class: 'button small', onclick: refuse }, words.notices.notNow),
  );
  desk.arrivals.on(() => {
    element.hidden = !isOpen();
  }, signal);
  return element;
}
