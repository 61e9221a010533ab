/*
 * Says so when a file of the page cannot be loaded, or does not run. It needs no other file, and stands before
 * them. Should it be missing itself, the link that `index.html` shows after a while is left.
 */
(() => {
  const say = () => {
    const place = document.getElementById('starting');
    // What has started says itself what goes wrong.
    if (!place) return;
    const text = document.createElement('p');
    text.textContent = 'A part of this page could not be loaded. Check your connection and try again.';
    text.setAttribute('role', 'alert');
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'button primary';
    again.textContent = 'Try again';
    again.addEventListener('click', () => location.reload());
    place.replaceChildren(...place.querySelectorAll('h1'), text, again);
  };
  const look = (/** @type {Event} */ { target }) => {
    // A style sheet or a picture that is missing keeps nothing from working.
    if (target instanceof Element && !target.matches('script')) return;
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', say);
    else say();
  };
  // Of an element that fails only those hear who listen on the way down to it.
  addEventListener('error', look, true);
  addEventListener('unhandledrejection', look);
})();
