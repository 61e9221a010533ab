import { h, setText } from '../lib/dom.js';
import { words } from '../lib/words.js';

/** @import { Desk } from '../model/desk.js' */

/** A gap shorter than this is not worth a word, in milliseconds. */
const NOTICED = 2000;

/** Says when what is shown may be old. @param {Desk} desk @param {AbortSignal} signal */
export function connectionBar(desk, signal) {
  const bar = h('p', { class: 'connection', role: 'status', hidden: true });
  let timer = 0;
  const show = () => {
    const away = desk.feed.connection === 'away' || !navigator.onLine;
    bar.hidden = !away;
    const why = navigator.onLine ? words.connection.unreachable : words.connection.offline;
    setText(bar, away ? why : '');
  };
  const look = () => {
    clearTimeout(timer);
    if (desk.feed.connection === 'live' && navigator.onLine) show();
    else timer = window.setTimeout(show, navigator.onLine ? NOTICED : 0);
  };
  desk.feed.connections.on(look, signal);
  addEventListener('online', look, { signal });
  addEventListener('offline', look, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  look();
  return bar;
}
