import { fill, h, setAttribute, setText, uniqueId } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { CLASSES, kindHint, kindName } from '../model/kinds.js';
import { senderName } from '../model/sender.js';
import { blame, choice } from '../parts/field.js';

/** @import { Class } from '../api/types.js' */
/** @import { Setup } from '../model/setup.js' */
/** @import { Wanted } from '../model/text.js' */

const USUAL = 'transactional';

/**
 * What a text leaves from, and what kind of text it is. There is nothing to see where there is no choice.
 *
 * @param {Setup} setup
 * @param {() => void} changed
 */
export function choices(setup, changed) {
  const from = choice(words.choices.from, 'from', []);
  const kind = choice(words.choices.kind, 'class', CLASSES.map((name) => [name, kindName(name)]), kindHint(USUAL));
  const hint = /** @type {HTMLElement} */ (kind.element.querySelector('.hint'));
  const id = uniqueId('more');
  const rest = h('div', { id, class: 'kind', hidden: true }, kind.element);
  const more = h('button', { type: 'button', class: 'link', 'aria-controls': id }, words.choices.more);
  const element = h('div', { class: 'choices', hidden: true }, from.element, more, rest);

  /** @param {string} address */
  const nameOf = (address) => (setup.isPaused(address) ? words.choices.paused(senderName(address)) : senderName(address));
  const open = (/** @type {boolean} */ isOpen) => {
    rest.hidden = !isOpen;
    setAttribute(more, 'aria-expanded', String(isOpen));
    setText(more, isOpen ? words.choices.less : words.choices.more);
  };
  /** What is chosen stays, also if it cannot be chosen any more: then the server says why. @param {string} chosen */
  const offer = (chosen) => {
    const able = setup.choices();
    const names = chosen && !able.includes(chosen) ? [...able, chosen] : able;
    fill(from.input, h('option', { value: '' }, words.choices.automatic), ...names.map((address) => h('option', { value: address }, nameOf(address))));
    from.input.value = chosen;
    from.element.hidden = names.length === 0;
    element.hidden = names.length === 0 && !setup.isTimed() && kind.input.value === USUAL;
  };
  const explain = () => setText(hint, kindHint(/** @type {Class} */ (kind.input.value)));
  /** @returns {Pick<Wanted, 'from' | 'kind'>} */
  const get = () => ({
    ...(from.input.value && { from: from.input.value }),
    ...(kind.input.value !== USUAL && { kind: /** @type {Class} */ (kind.input.value) }),
  });
  /** @param {Pick<Wanted, 'from' | 'kind'>} wanted */
  const set = (wanted) => {
    for (const field of [from, kind]) field.fail('');
    kind.input.value = wanted.kind ?? USUAL;
    open(wanted.kind !== undefined);
    explain();
    offer(wanted.from ?? '');
  };
  more.addEventListener('click', () => {
    // What is out of sight has no effect.
    if (!rest.hidden) set({ ...get(), kind: undefined });
    else open(true);
    changed();
  });
  from.input.addEventListener('change', changed);
  kind.input.addEventListener('change', () => {
    explain();
    changed();
  });
  set({});
  return {
    element,
    get,
    set,
    renew: () => offer(from.input.value),
    /** Names the one that the server would choose. @param {string | null} chosen */
    show: (chosen) => {
      const automatic = from.input.options[0];
      if (automatic) setText(automatic, chosen && !from.input.value ? words.choices.automaticIs(nameOf(chosen)) : words.choices.automatic);
    },
    /** @param {{field: string, message: string}[]} errors @returns {boolean} whether one is about these */
    blame: (errors) => blame([from, kind], errors) !== null,
  };
}
