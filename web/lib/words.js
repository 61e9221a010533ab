import { English } from './dom.js';
// Every catalogue needs it, and is found late: so it comes with the others.
import './grammar.js';

/** What the page can be shown in, each as its speakers call it. `index.html` and `look.js` choose among them. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch', es: 'Español' });

/** @typedef {keyof typeof LANGUAGES} Language */

const CATALOGUES = {
  en: () => import('../words/en.js'),
  de: () => import('../words/de.js'),
  es: () => import('../words/es.js'),
};

/** @type {Language} */
export const language = chosen();

/** Everything that people read, in their language. Whoever asks for it waits until it is there. */
export const { words } = await CATALOGUES[language]();

/** The language with the region that the browser's user has, for dates. */
export const locale = regional() ?? (language === 'en' ? 'en-GB' : language);

/** It was chosen before anything was shown. @returns {Language} */
function chosen() {
  const asked = globalThis.document?.documentElement.lang;
  return asked === 'de' || asked === 'es' ? asked : 'en';
}

function regional() {
  const all = globalThis.navigator?.languages ?? [];
  return all.find((tag) => tag.split('-')[0] === language);
}

/**
 * A sentence of the server in the language of the page, if there is one.
 *
 * @param {Record<string, string>} known translations by what the server calls it
 * @param {string | null | undefined} code
 * @param {string} sentence
 * @returns {import('./dom.js').Said}
 */
export function translated(known, code, sentence) {
  if (language === 'en') return sentence;
  return (code && Object.hasOwn(known, code) && known[code]) || new English(sentence);
}
