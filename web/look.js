/*
 * Chooses the language and the colours of a page before anything of it is seen. It needs no other file.
 *
 * What this browser's user has set comes first (`lib/look.js` writes it), then what the browser prefers. A page says
 * what it can be shown in: `<html lang="en" data-languages="en de es">`.
 */
(() => {
  const root = document.documentElement;
  const here = /** @type {HTMLScriptElement} */ (document.currentScript);
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(`mysms${new URL('./', document.baseURI).pathname}look`) ?? 'null') ?? {};
    } catch {
      // Nothing is kept here, or nothing that can be read.
      return {};
    }
  };
  const { language, theme } = read();
  const offered = (root.dataset.languages ?? '').split(' ');
  const wanted = [language, ...navigator.languages].map((tag) => String(tag).split('-')[0] ?? '');
  root.lang = wanted.find((tag) => offered.includes(tag)) ?? root.lang;
  if (root.dataset.languages) {
    // What is said stands in a file of its own; without this line it would be found last.
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = new URL(`words/${root.lang}.js`, here.src).href;
    document.head.append(link);
  }
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
})();
