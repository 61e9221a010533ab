import { h } from '../lib/dom.js';
import { changeLook, look } from '../lib/look.js';
import { LANGUAGES, words } from '../lib/words.js';
import { choice } from '../parts/field.js';
import { openShortcuts } from './shortcuts.js';

/** @import { Language } from '../lib/words.js' */
/** @import { Look } from '../lib/look.js' */

/** What this browser's user sets: the language, the colours, and whether single letters do something. */
export function lookSettings() {
  const now = look();
  const language = choice(words.look.language, 'language', [['', words.look.system], ...Object.entries(LANGUAGES)]);
  const theme = choice(words.look.theme, 'theme', [
    ['', words.look.system],
    ['light', words.look.light],
    ['dark', words.look.dark],
  ]);
  for (const option of language.input.options) if (option.value) option.lang = option.value;
  language.input.value = now.language ?? '';
  theme.input.value = now.theme ?? '';
  language.input.addEventListener('change', () => changeLook({ language: /** @type {Language} */ (language.input.value) || undefined }));
  theme.input.addEventListener('change', () => changeLook({ theme: /** @type {Look['theme']} */ (theme.input.value) || undefined }));
  const letters = h('input', { type: 'checkbox', checked: now.letters !== false });
  letters.addEventListener('change', () => changeLook({ letters: letters.checked ? undefined : false }));
  const shown = h('button', { type: 'button', class: 'link', onclick: openShortcuts }, words.look.shortcuts);
  return h('div', { class: 'form' }, language.element, theme.element, h('label', { class: 'box' }, letters, words.look.letters), shown);
}
