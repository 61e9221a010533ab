import { drop, dropAll, script } from './api.js';
import { el, say } from './dom.js';
import { EVERYWHERE, OFTEN, THIS_PHONE, standsFor } from './switches.js';

/** @import {Fault, Scripted} from './types.d.ts' */
/** @import {Switch} from './switches.js' */

/**
 * Switches for what goes wrong.
 * @param {HTMLElement} section
 * @param {() => void} changed called when something was switched
 */
export function faultPanel(section, changed) {
  /** @type {Scripted[]} */
  let scripted = [];
  /** @type {string | null} */
  let phone = null;
  const often = el('select', { id: 'often' },
    ...OFTEN.map(({ rate, words }) => el('option', { value: String(rate) }, words)));
  often.value = '0.33';
  const others = el('p', { class: 'soft' });
  const clear = el('button', { type: 'button' }, 'Switch everything off');
  const problem = el('p', { class: 'problem', role: 'alert' });

  const rate = () => (often.value === '1' ? {} : { rate: Number(often.value) });
  const everywhere = EVERYWHERE.map((one) => lever(one, (on) => turn(on, one, rate())));
  const here = THIS_PHONE.map((one) => lever(one, (on) => turn(on, one, phone ? { to: phone } : {})));
  const own = el('fieldset', {}, el('legend', {}, 'This phone'),
    el('div', { class: 'switches' }, ...here.map(({ element }) => element)));

  section.append(
    el('h2', { id: 'faults-title' }, 'What goes wrong'),
    el('form', {}, own,
      el('fieldset', {}, el('legend', {}, 'Between the messenger and the network'),
        el('p', { class: 'often' }, el('label', { for: 'often' }, 'It happens'), often),
        el('div', { class: 'switches' }, ...everywhere.map(({ element }) => element))),
      others, clear, problem));

  /**
   * @param {boolean} on
   * @param {Switch} one
   * @param {Partial<Fault>} scope
   */
  async function turn(on, one, scope) {
    const same = scripted.filter((other) => standsFor(other, one, scope.to));
    await attempt(async () => {
      for (const { id } of same) await drop(id);
      if (on) await script({ fault: one.fault, ...scope });
    });
  }

  /** @param {() => Promise<unknown>} act */
  async function attempt(act) {
    try {
      await act();
      say(problem, '');
    } catch {
      say(problem, 'The simulator does not answer. Try again.');
    }
    changed();
  }

  often.addEventListener('change', async () => {
    for (const { one, input } of everywhere) if (input.checked) await turn(true, one, rate());
  });
  clear.addEventListener('click', () => attempt(dropAll));

  return {
    /**
     * @param {Scripted[]} faults all that are scripted
     * @param {string | null} current the phone that is open
     */
    update(faults, current) {
      [scripted, phone] = [faults, current];
      own.hidden = current === null;
      let shown = 0;
      const count = (/** @type {ReturnType<typeof lever>} */ one, /** @type {string} */ to) => {
        const found = faults.filter((fault) => standsFor(fault, one.one, to || undefined));
        one.input.checked = found.length > 0;
        shown += found.length;
      };
      for (const one of everywhere) count(one, '');
      for (const one of here) count(one, current ?? '');
      const rest = faults.length - shown;
      say(others, rest === 0 ? '' : `${rest} more ${rest === 1 ? 'fault is' : 'faults are'} scripted, for other phones or by other means.`);
      clear.disabled = faults.length === 0;
    },
  };
}

/**
 * One switch.
 * @param {Switch} one
 * @param {(on: boolean) => void} turn
 */
function lever(one, turn) {
  const id = `switch-${one.fault.kind}`;
  const input = el('input', {
    type: 'checkbox', role: 'switch', 'aria-labelledby': `${id}-name`, 'aria-describedby': `${id}-says`,
  });
  input.addEventListener('change', () => turn(input.checked));
  const element = el('label', { class: 'switch' }, input,
    el('span', { class: 'name', id: `${id}-name` }, one.name),
    el('span', { class: 'soft', id: `${id}-says` }, one.says));
  return { one, input, element };
}
