import { faults, phones, screen } from './api.js';
import { byId, say } from './dom.js';
import { faultPanel } from './faults.js';
import { showNumber } from './format.js';
import { phoneList } from './phones.js';
import { thread } from './thread.js';

/** How often the page asks what is new, in milliseconds. */
const PACE = 1000;

const page = byId('page');
const section = byId('thread');
const nav = byId('phones');
const list = phoneList(nav);
const open = thread(section, refresh);
const panel = faultPanel(byId('faults'), refresh);

/** The number in the address, or null. */
function route() {
  const [, number] = /^#\/(.+)$/.exec(location.hash) ?? [];
  try {
    return number ? decodeURIComponent(number) : null;
  } catch {
    return null;
  }
}

/** @type {string | null} */
let current = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function turn() {
  current = route();
  page.dataset.view = current === null ? 'list' : 'thread';
  document.title = `${current === null ? 'Phones' : showNumber(current)} · MySMS simulator`;
  open.open(current);
  refresh();
}

/** Shows what is new, and plans the next look. */
async function refresh() {
  clearTimeout(timer);
  const number = current;
  try {
    const [known, script, shown] = await Promise.all([phones(), faults(), number && screen(number)]);
    if (number !== current) return;
    list.update(known.phones, number, (shown && shown.texts.at(-1)) || null);
    panel.update(script, number);
    if (shown) open.update(shown, known.senders);
    say(byId('trouble'), '');
  } catch {
    say(byId('trouble'), 'The simulator does not answer. Trying again…');
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, PACE);
}

window.addEventListener('hashchange', () => {
  turn();
  (current === null ? nav : section).focus();
});
// The address names the phone, so it is not for places on the page.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  section.focus();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh();
});
turn();
