import { fill, h } from '../lib/dom.js';
import { words } from '../lib/words.js';

/** @import { Desk } from '../model/desk.js' */

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
