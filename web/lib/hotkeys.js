import { look } from './look.js';

/** Whoever types there means letters. */
const TYPING = 'input, textarea, select, [contenteditable]';

/** On a Mac the Command key does what Control does elsewhere. */
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * Runs what belongs to a key: of a single character while nobody types and nobody has switched that off, and with
 * Control or Command always. Not over a dialog, which has keys of its own.
 *
 * @param {{letters: Record<string, () => void>, commands: Record<string, () => void>}} keys
 * @param {AbortSignal} signal
 */
export function hotkeys({ letters, commands }, signal) {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    const isCommand = (isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey) && !altKey;
    const isLetter = !ctrlKey && !metaKey && !altKey && look().letters !== false && !(target instanceof Element && target.closest(TYPING));
    const run = isCommand ? commands[key.toLowerCase()] : isLetter ? letters[key] : undefined;
    if (!run) return;
    event.preventDefault();
    run();
  }, { signal });
}
