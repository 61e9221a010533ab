import { fill, h } from '../lib/dom.js';
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

/** The switch, for this device. @param {Desk} desk */
export function noticesBox({ notices }) {
  const note = h('p', { class: 'soft', role: 'status' });
  const box = h('input', { type: 'checkbox' });
  const text = h('input', { type: 'checkbox', checked: notices.withText });
  const show = (isPushed = true) => {
    box.checked = notices.isOn;
    box.disabled = notices.isForbidden;
    text.disabled = !notices.isOn;
    fill(note, notices.isForbidden ? words.notices.forbidden : notices.isOn && !isPushed && words.notices.onlyOpen);
  };
  box.addEventListener('change', async () => {
    if (box.checked) return show(await notices.turnOn());
    await notices.turnOff();
    show();
  });
  text.addEventListener('change', () => notices.showText(text.checked));
  show();
  return h('div', {}, h('label', { class: 'box' }, box, words.notices.switch), h('label', { class: 'box' }, text, words.notices.withText), note);
}
