import { announce } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { cost, hasPlain, plain } from '../model/segments.js';
import { counted } from '../model/wording.js';

/** Characters that are named; of more only the number is told. */
const NAMED = 8;

/** Tells what a text costs as it is written. @param {(better: string) => void} replace */
export function counter(replace) {
  const numbers = h('p', { class: 'numbers' });
  const why = h('p', { class: 'why', hidden: true });
  let text = '';
  let told = '';
  const useplain = () => replace(plain(text));
  /** @param {string} content */
  const show = (content) => {
    text = content;
    const { encoding, segments, left, over, foreign } = cost(content);
    const size = over > 0 ? `${over} characters too long` : `${counted(segments, 'segment')} · ${left} left`;
    setText(numbers, content ? size : '');
    numbers.classList.toggle('fault', over > 0);
    why.hidden = foreign.length === 0;
    if (foreign.length > 0) {
      fill(
        why,
        'Only 70 characters fit into a segment, not 160, because of ',
        ...foreign.slice(0, NAMED).flatMap((character) => [h('kbd', {}, visible(character)), ' ']),
        foreign.length > NAMED && `and ${foreign.length - NAMED} more `,
        foreign.some(hasPlain) && h('button', { type: 'button', class: 'link', onclick: useplain }, 'Use plain characters'),
      );
    }
    // Not at every letter.
    const news = `${encoding} ${segments}`;
    if (content && told && news !== told) announce(`${counted(segments, 'segment')}${encoding === 'UCS-2' ? ', because of special characters' : ''}`);
    told = content ? news : '';
  };
  return { element: h('div', { class: 'counter' }, numbers, why), show };
}

/** @param {string} character @returns {string} also if it cannot be seen */
function visible(character) {
  if (/^[\s\p{C}]$/u.test(character)) return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  return character;
}
