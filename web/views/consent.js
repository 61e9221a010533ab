import { liftOptOut, optOut, putOptOut } from '../api/consent.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { English, fill, h } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { formatNumber } from '../model/number.js';
import { openDialog } from '../parts/dialog.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { ConsentEntry, ConsentState, LiftedOptOut, OptOut } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** @type {Record<string, string>} */
const STATES = words.consent.states;

/** @type {Record<string, string>} */
const SOURCES = words.consent.sources;

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
      announce(words.consent.noted);
      desk.conversations.refresh();
    };
    const states = known.states.map((state) => entry(known.number, state, changed));
    const said = known.journal.map((one) => h('li', {}, line(one)));
    fill(
      place,
      'at_provider' in known && h('p', { class: 'soft' }, new English(known.at_provider)),
      h('ul', { class: 'sessions', 'aria-label': words.consent.bySender }, ...states),
      said.length > 0 && h('h3', {}, words.consent.said),
      said.length > 0 && h('ol', { class: 'said', 'aria-label': words.consent.said }, ...said),
    );
  };
  const load = () => optOut(number).then(show, (error) => fill(place, failed(words.common.notLoaded, sentence(error), load)));
  load();
  const close = h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => dialog.close() }, words.common.close);
  const dialog = openDialog(words.consent.title(desk.contacts.both(number)), {}, place, h('div', { class: 'actions' }, close));
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
  const stop = form([], { label: words.consent.stop(name), danger: true }, async () => changed(await putOptOut(number, sender)));
  const lift = form([], { label: words.consent.lift(name) }, async () => changed(await liftOptOut(number, sender)));
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, h('strong', {}, words.consent.capital(name)), ' · ', state === null ? words.consent.nothing : STATES[state]),
    at !== null && h('p', { class: 'soft small' }, words.consent.since(full(at))),
    changeable && state !== 'withdrawn' && stop,
    changeable && (state === 'withdrawn' || state === 'maybe') && lift,
  );
}

/** @param {ConsentEntry} entry */
function line({ said_at: at, state, sender, source, note }) {
  const said = words.consent.line(full(at), STATES[state] ?? state, nameOf(sender), SOURCES[source] ?? source);
  return note === null ? said : `${said}: ${note}`;
}

/** @param {string | null} sender */
export const nameOf = (sender) => (sender === null ? words.consent.all : formatNumber(sender));
