import { announce } from '../lib/announce.js';
import { fill, h, phrase, setText } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { cost, smart } from '../model/segments.js';

/** Characters that are named; of more only the number is told. */
const NAMED = 8;

/**
 * Tells what a text costs as it is written, and offers plain characters where they make it cheaper.
 *
 * @param {(isSmart: boolean) => void} choose whether they are sent
 */
export function counter(choose) {
  const numbers = h('p', { class: 'numbers' });
  const reason = h('span', {});
  const button = h('button', { type: 'button', class: 'link' });
  const why = h('p', { class: 'why', hidden: true }, reason, button);
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
    const size = over > 0 ? words.counter.tooLong(over) : words.counter.size(segments, left);
    setText(numbers, content ? size : '');
    numbers.classList.toggle('fault', over > 0);
    why.hidden = typeset.foreign.length === 0;
    const isBetter = plain !== content && cheap.segments <= typeset.segments;
    fill(reason, ...phrase(wanted && isBetter ? words.counter.plain : words.counter.dear, { characters: named(typeset.foreign) }));
    button.hidden = !isBetter;
    const offer = cheap.segments < typeset.segments ? words.counter.replaceFor(cheap.segments, typeset.segments) : words.counter.replace;
    setText(button, wanted ? words.counter.undo : offer);
    tell(content, encoding, segments);
  };
  /** Not at every letter. @param {string} content @param {string} encoding @param {number} segments */
  const tell = (content, encoding, segments) => {
    const news = `${encoding} ${segments}`;
    const count = words.count.segments(segments);
    if (content && told && news !== told) announce(encoding === 'UCS-2' ? words.counter.special(count) : count);
    told = content ? news : '';
  };
  return { element: h('div', { class: 'counter' }, numbers, why), show };
}

/** @param {string[]} characters */
const named = (characters) => [
  ...characters.slice(0, NAMED).flatMap((character) => [h('kbd', {}, visible(character)), ' ']),
  characters.length > NAMED && words.counter.more(characters.length - NAMED),
];

/** @param {string} character @returns {string} also if it cannot be seen */
function visible(character) {
  if (/^[\s\p{C}]$/u.test(character)) return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  return character;
}
