import { liftOptOut, optOut, putOptOut } from '../api/client.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { formatNumber } from '../model/number.js';
import { openDialog } from '../parts/dialog.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { ConsentEntry, ConsentState, LiftedOptOut, OptOut } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** @type {Record<string, string>} */
const STATES = { withdrawn: 'Wants no texts', given: 'Wants texts', maybe: 'May have meant STOP' };

/** @type {Record<string, string>} */
const SOURCES = {
  text: 'they wrote so',
  provider: 'they wrote so, as the provider understood it',
  refusal: 'the provider refused a text to them',
  operator: 'an operator said so',
  user: 'a user said so',
  import: 'from a list',
  earlier: 'known from before',
};

/**
 * Opens what somebody wants of our texts, and lets whoever may say something else.
 *
 * @param {Desk} desk
 * @param {string} number
 */
export function openConsent(desk, number) {
  const place = h('div', {});
  /** @param {OptOut | LiftedOptOut} known */
  const show = (known) => {
    const changed = (/** @type {OptOut | LiftedOptOut} */ next) => {
      show(next);
      announce('It is noted.');
      desk.conversations.refresh();
    };
    const states = known.states.map((state) => entry(known.number, state, changed));
    const said = known.journal.map((one) => h('li', {}, line(one)));
    fill(
      place,
      'at_provider' in known && h('p', { class: 'soft' }, known.at_provider),
      h('ul', { class: 'sessions', 'aria-label': 'By sender' }, ...states),
      said.length > 0 && h('h3', {}, 'What was said'),
      said.length > 0 && h('ol', { class: 'said', 'aria-label': 'What was said' }, ...said),
    );
  };
  const load = () => optOut(number).then(show, (error) => fill(place, failed('Not loaded', sentence(error), load)));
  load();
  const close = h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => dialog.close() }, 'Close');
  const dialog = openDialog(`What ${formatNumber(number)} wants`, {}, place, h('div', { class: 'actions' }, close));
}

/**
 * What counts for one sender, with a button that says the opposite.
 *
 * @param {string} number
 * @param {ConsentState} state
 * @param {(known: OptOut | LiftedOptOut) => void} changed
 */
function entry(number, { sender, state, said_at: at, changeable }, changed) {
  const name = nameOf(sender);
  const stop = form([], { label: `No texts from ${name}`, danger: true }, async () => changed(await putOptOut(number, sender)));
  const lift = form([], { label: `Texts from ${name} again` }, async () => changed(await liftOptOut(number, sender)));
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, h('strong', {}, capital(name)), ' · ', state === null ? 'Nothing was said' : STATES[state]),
    at !== null && h('p', { class: 'soft small' }, `Since ${full(at)}`),
    changeable && state !== 'withdrawn' && stop,
    changeable && (state === 'withdrawn' || state === 'maybe') && lift,
  );
}

/** @param {ConsentEntry} entry */
function line({ said_at: at, state, sender, source, note }) {
  const words = `${full(at)}: ${STATES[state]} (${nameOf(sender)}), ${SOURCES[source] ?? source}`;
  return note === null ? words : `${words}: ${note}`;
}

/** @param {string | null} sender */
const nameOf = (sender) => (sender === null ? 'all senders' : formatNumber(sender));

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
