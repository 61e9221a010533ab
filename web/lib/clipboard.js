/**
 * Puts a text on the clipboard. It has to begin while a click is handled.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser let it
 */
export async function copyText(text) {
  // It is only there over TLS and on this machine.
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const copy = (/** @type {ClipboardEvent} */ event) => {
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  document.addEventListener('copy', copy, { once: true });
  const isDone = document.execCommand('copy');
  document.removeEventListener('copy', copy);
  return isDone;
}
