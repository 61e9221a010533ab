import { announce } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { cost, smart } from '../model/segments.js';
import { counted } from '../model/wording.js';

/** Characters that are named; of more only the number is told. */
const NAMED = 8;

/**
 * Tells what a text costs as it is written, and offers plain characters where they make it cheaper.
 *
 * @param {(isSmart: boolean) => void} choose whether they are sent
 */
export function counter(choose) {
  const numbers = h('p', { class: 'numbers' });
  const words = h('span', {});
  const button = h('button', { type: 'button', class: 'link' });
  const why = h('p', { class: 'why', hidden: true }, words, button);
  let isSmart = false;
  let told = '';
  button.addEventListener('click', () => choose(!isSmart));

  /**
   * @param {string} content
   * @param {boolean} wanted whether plain characters are to be sent
   * @param {ReadonlyMap<string, string>} replacements as far as they are known
   */
  const show = (content, wanted, replacements) => {
    isSmart = wanted;
    const plain = smart(content, replacements);
    const [typeset, cheap] = [cost(content), cost(plain)];
    const { encoding, segments, left, over } = wanted ? cheap : typeset;
    const size = over > 0 ? `${over} characters too long` : `${counted(segments, 'segment')} · ${left} left`;
    setText(numbers, content ? size : '');
    numbers.classList.toggle('fault', over > 0);
    why.hidden = typeset.foreign.length === 0;
    const isBetter = plain !== content && cheap.segments <= typeset.segments;
    const gain = cheap.segments < typeset.segments ? `: ${counted(cheap.segments, 'segment')} instead of ${typeset.segments}` : '';
    const reason = wanted && isBetter ? 'Plain characters are sent for ' : 'Only 70 characters fit into a segment, not 160, because of ';
    fill(words, reason, ...named(typeset.foreign));
    button.hidden = !isBetter;
    setText(button, wanted ? 'Undo' : `Replace them by plain ones${gain}`);
    tell(content, encoding, segments);
  };
  /** Not at every letter. @param {string} content @param {string} encoding @param {number} segments */
  const tell = (content, encoding, segments) => {
    const news = `${encoding} ${segments}`;
    if (content && told && news !== told) announce(`${counted(segments, 'segment')}${encoding === 'UCS-2' ? ', because of special characters' : ''}`);
    told = content ? news : '';
  };
  return { element: h('div', { class: 'counter' }, numbers, why), show };
}

/** @param {string[]} characters */
const named = (characters) => [
  ...characters.slice(0, NAMED).flatMap((character) => [h('kbd', {}, visible(character)), ' ']),
  characters.length > NAMED && `and ${characters.length - NAMED} more `,
];

/** @param {string} character @returns {string} also if it cannot be seen */
function visible(character) {
  if (/^[\s\p{C}]$/u.test(character)) return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  return character;
}
