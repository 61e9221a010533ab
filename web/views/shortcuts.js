import { h } from '../lib/dom.js';
import { isMac } from '../lib/hotkeys.js';
import { look } from '../lib/look.js';
import { words } from '../lib/words.js';
import { openDialog } from '../parts/dialog.js';

/** Tells what the keys do. */
export function openShortcuts() {
  /** @type {[keys: string[], does: string][]} */
  const all = [
    [[isMac ? '⌘' : words.shortcuts.control, 'K'], words.shortcuts.commands],
    [['/'], words.common.search],
    [['n'], words.common.newMessage],
    [['j'], words.shortcuts.next],
    [['k'], words.shortcuts.previous],
    [['↓', '↑'], words.shortcuts.move],
    [['Enter'], words.shortcuts.send],
    [[words.shortcuts.shift, 'Enter'], words.shortcuts.line],
    [['Esc'], words.common.close],
    [['?'], words.shortcuts.title],
  ];
  const keys = (/** @type {string[]} */ pressed) => pressed.flatMap((key, at) => [at > 0 && ' ', h('kbd', {}, key)]);
  const close = h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => dialog.close() }, words.common.close);
  const dialog = openDialog(
    words.shortcuts.title,
    {},
    look().letters === false && h('p', { class: 'soft' }, words.shortcuts.off),
    h('dl', { class: 'facts' }, ...all.flatMap(([pressed, does]) => [h('dt', {}, ...keys(pressed)), h('dd', {}, does)])),
    h('div', { class: 'actions' }, close),
  );
}
