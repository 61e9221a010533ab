import { changeSettings, userSettings } from '../api/client.js';
import { sentence } from '../api/http.js';
import { alarm } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';
import { quietHours } from './quiet.js';

/** @import { UserSettings } from '../api/types.js' */
/** @import { Setup } from '../model/setup.js' */

/** What the user sets for all their texts, as the server has it. @param {Setup} setup */
export function settingsForms(setup) {
  const [quiet, encoding] = [h('div', { class: 'setting' }), h('div', { class: 'setting' })];
  const show = () =>
    userSettings().then(
      (settings) => {
        setup.set(settings);
        fill(quiet, quietForm(setup));
        fill(encoding, smartBox(setup));
      },
      (error) => fill(quiet, failed(words.account.unreadSettings, sentence(error), show)),
    );
  return { quiet, encoding, shown: show() };
}

/** All is saved together, so what is not changed is sent as it was. @param {Setup} setup @param {Partial<UserSettings>} change */
async function save(setup, change) {
  const { quiet_hours, smart_encoding } = setup.settings;
  setup.set(await changeSettings({ quiet_hours, smart_encoding, ...change }));
}

/** @param {Setup} setup */
function quietForm(setup) {
  const hours = quietHours(setup.settings.quiet_hours);
  const done = h('p', { class: 'done', role: 'status' });
  const submit = async () => {
    fill(done);
    const wanted = hours.get();
    await save(setup, { quiet_hours: wanted });
    hours.blame([]);
    fill(done, wanted ? words.quiet.saved : words.quiet.savedNone);
  };
  const body = form([], { label: words.quiet.save, blame: hours.blame }, submit, hours.element, done);
  const button = /** @type {HTMLElement} */ (body.lastElementChild);
  // As long as there are none, and were none, there is nothing to save.
  const show = () => (button.hidden = !hours.get() && !setup.settings.quiet_hours);
  hours.element.addEventListener('click', show);
  show();
  return body;
}

/** @param {Setup} setup */
function smartBox(setup) {
  const fault = h('p', { class: 'fault', hidden: true });
  const done = h('p', { class: 'done', role: 'status' });
  const box = h('input', { type: 'checkbox', checked: setup.settings.smart_encoding });
  box.addEventListener('change', async () => {
    fault.hidden = true;
    fill(done);
    try {
      await save(setup, { smart_encoding: box.checked });
      fill(done, words.common.saved);
    } catch (error) {
      box.checked = setup.settings.smart_encoding;
      fault.hidden = false;
      setText(fault, sentence(error));
      alarm(sentence(error));
    }
  });
  return h('div', {}, h('label', { class: 'box' }, box, words.account.smart), fault, done);
}
