/*
 * Chooses the language and the colours of a page before anything of it is seen, and again when they are changed. It
 * needs no other file.
 *
 * What this browser's user has set comes first (`lib/look.js` writes it), then what the browser prefers. A page says
 * what it can be shown in: `<html lang="en" data-languages="en de es">`.
 */
(() => {
  const root = document.documentElement;
  const here = /** @type {HTMLScriptElement} */ (document.currentScript);
  const offered = (root.dataset.languages ?? '').split(' ');
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(`mysms${new URL('./', document.baseURI).pathname}look`) ?? 'null') ?? {};
    } catch {
      // Nothing is kept here, or nothing that can be read.
      return {};
    }
  };
  const languageOf = (/** @type {string | undefined} */ set) => {
    const wanted = [set, ...navigator.languages].map((tag) => String(tag).split('-')[0] ?? '');
    return wanted.find((tag) => offered.includes(tag)) ?? 'en';
  };
  const paint = (/** @type {unknown} */ set) => {
    const theme = set === 'light' || set === 'dark' ? set : null;
    root.style.colorScheme = theme ?? '';
    for (const meta of document.querySelectorAll('meta')) {
      if (meta.name === 'color-scheme') meta.content = theme ?? 'light dark';
      const { theme: own } = meta.dataset;
      if (own) meta.media = theme ? (own === theme ? 'all' : 'not all') : `(prefers-color-scheme: ${own})`;
    }
  };

  const { language, theme } = read();
  paint(theme);
  root.lang = languageOf(language);
  if (root.dataset.languages) {
    // What is said stands in a file of its own; without this line it would be found last.
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = new URL(`words/${root.lang}.js`, here.src).href;
    document.head.append(link);
  }
  const follow = () => {
    const now = read();
    paint(now.theme);
    // Each word that is shown already is in the other language.
    if (languageOf(now.language) !== root.lang) location.reload();
  };
  addEventListener('look', follow);
  addEventListener('storage', follow);
})();
