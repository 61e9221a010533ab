import { createKey, deleteKey, keys } from '../api/account.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h, setText, uniqueId } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { confirm } from '../parts/dialog.js';
import { choice, field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { ApiKey, KeyMode, Scope } from '../api/types.js' */
/** @import { Fetched } from './account.js' */

/** @type {Record<Scope, string>} */
const NAMES = words.keys.scope;

const SCOPES = /** @type {[Scope, string][]} */ (Object.entries(NAMES));

const MODES = /** @type {[KeyMode, string][]} */ (Object.entries(words.keys.modes));

/** The keys of the user's programs, and a form for a new one. @param {boolean | null} inbox whether the user may see what belongs to nobody @returns {Fetched} */
export function keyList(inbox) {
  const list = h('ul', { class: 'sessions', 'aria-label': words.account.keys });
  const place = h('div', {});
  const show = () =>
    keys().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, all.length > 0 ? list : h('p', { class: 'soft' }, words.keys.none));
      },
      (error) => fill(place, failed(words.keys.failed, sentence(error), show)),
    );
  return { element: h('div', {}, place, newKey(show, inbox)), shown: show() };
}

/** @param {ApiKey} key @param {() => Promise<void>} again shows what is left */
function entry({ id, name, mode, scopes, recipients, senders, created_at: since, expires_at: end, active, last_used: used }, again) {
  const until = end && (active ? words.keys.until(full(end)) : words.keys.expired(full(end)));
  const times = [words.keys.made(full(since)), used ? words.keys.used(full(used)) : words.keys.unused, until].filter(Boolean).join(', ');
  const limits = [
    mode === 'team' && words.keys.onlyTo(recipients.join(', ')),
    mode === 'test' && words.keys.sandbox,
    senders && words.keys.onlyFrom(senders.join(', ')),
  ].filter(Boolean);
  const revoke = async () => {
    if (!(await confirm(words.keys.revokeTitle(name), words.keys.revokeText, { yes: words.keys.revokeYes }))) return;
    await deleteKey(id);
    announce(words.keys.revoked);
    await again();
  };
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, h('strong', {}, name), ` · ${mode} · `, h('code', {}, id)),
    h('p', { class: 'soft small' }, `${times}.`),
    h('p', { class: 'soft small' }, [scopes.join(', '), ...limits].join('. '), '.'),
    form([], { label: words.keys.revoke(name), danger: true }, revoke),
  );
}

/**
 * A form for a new key, and the key once it is made.
 *
 * @param {() => Promise<void>} again shows all keys
 * @param {boolean | null} inbox
 */
function newKey(again, inbox) {
  const name = field(words.keys.name, { name: 'name', required: true, maxlength: 64, autocomplete: 'off' }, words.keys.nameHint);
  const mode = choice(words.keys.mode, 'mode', MODES);
  const team = field(words.keys.team, { name: 'recipients', autocomplete: 'off' }, words.keys.teamHint);
  const end = field(words.keys.expires, { name: 'expires_at', type: 'datetime-local' }, words.keys.expiresHint);
  const scopes = scopeBoxes(SCOPES.filter(([scope]) => inbox || !scope.startsWith('inbox:')));
  const shown = h('div', { class: 'new-key' });
  const showTeam = () => (team.element.hidden = mode.input.value !== 'team');
  mode.input.addEventListener('change', showTeam);
  showTeam();
  const body = form(
    [name, mode, team, end],
    { label: words.keys.make, blame: scopes.blame },
    async (values) => {
      fill(shown);
      scopes.blame([]);
      const wanted = {
        name: values.name ?? '',
        mode: /** @type {KeyMode} */ (values.mode),
        scopes: scopes.get(),
        ...(values.mode === 'team' && { recipients: numbers(values.recipients ?? '') }),
        ...(values.expires_at && { expires_at: new Date(values.expires_at).toISOString() }),
      };
      const { key } = await createKey(wanted);
      body.reset();
      showTeam();
      await again();
      fill(shown, ...secret(key));
      shown.querySelector('input')?.select();
    },
    scopes.element,
  );
  return h('div', {}, shown, body);
}

/** @param {string} text */
const numbers = (text) => text.split(/[,;\n]+/).map((number) => number.trim()).filter(Boolean);

/** A key, which is shown this one time. @param {string} key */
function secret(key) {
  const whole = field(words.keys.new, { name: 'new_key', readonly: true, value: key }, words.keys.newHint);
  const done = h('p', { class: 'done', role: 'status' });
  const copy = async () => {
    if (await copyText(key)) return setText(done, words.common.copied);
    // Not every page may write there; then the user copies what is selected.
    whole.input.focus();
    whole.input.select();
    setText(done, words.keys.copyByHand);
  };
  return [whole.element, h('button', { type: 'button', class: 'button', onclick: copy }, words.keys.copy), done];
}

/** What the key may do, to be chosen. @param {[Scope, string][]} offered */
function scopeBoxes(offered) {
  const fault = h('p', { class: 'fault', id: uniqueId('scopes-fault'), hidden: true });
  const boxes = offered.map(([scope, label]) => {
    const box = h('input', { type: 'checkbox', value: scope });
    return { box, element: h('label', { class: 'box' }, box, label) };
  });
  const element = h('fieldset', { class: 'scopes' }, h('legend', {}, words.keys.scopes), ...boxes.map((one) => one.element), fault);
  return {
    element,
    get: () => boxes.filter(({ box }) => box.checked).map(({ box }) => /** @type {Scope} */ (box.value)),
    /** @param {{field: string, message: string}[]} errors @returns {boolean} whether one is about the scopes */
    blame: (errors) => {
      const ours = errors.some(({ field: at }) => at === 'scopes');
      fault.hidden = !ours;
      setText(fault, ours ? words.keys.noScope : '');
      if (ours) boxes[0]?.box.focus();
      return ours;
    },
  };
}
