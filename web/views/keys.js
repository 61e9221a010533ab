import { createKey, deleteKey, keys } from '../api/client.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h, setText, uniqueId } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { confirm } from '../parts/dialog.js';
import { choice, field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { ApiKey, KeyMode, Scope } from '../api/types.js' */

/** @type {[Scope, string][]} */
const SCOPES = [
  ['messages:send', 'Send texts'],
  ['messages:read', 'See the texts that were sent'],
  ['messages:cancel', 'Cancel texts that wait'],
  ['messages:delete', 'Delete texts'],
  ['conversations:read', 'See conversations, received texts included'],
  ['conversations:write', 'Mark received texts as read'],
  ['events:read', 'Follow all changes as they happen'],
  ['inbox:read', 'See texts that belong to nobody'],
  ['inbox:write', 'Take such texts, and give them to users'],
  ['consent:read', 'See who wants no texts, and since when'],
  ['consent:write', 'Say who wants texts, and who does not'],
  ['senders:read', 'See the senders'],
  ['settings:read', 'See the settings'],
  ['settings:write', 'Change the settings'],
  ['webhooks:read', 'See the webhooks'],
  ['webhooks:write', 'Change the webhooks'],
];

/** @type {[KeyMode, string][]} */
const MODES = [
  ['live', 'Live: texts go to everybody'],
  ['team', 'Team: texts go to listed numbers only'],
  ['test', 'Test: texts go to nobody'],
];

/** The keys of the user's programs, and a form for a new one. @param {boolean | null} inbox whether the user may see what belongs to nobody */
export function keyList(inbox) {
  const list = h('ul', { class: 'sessions', 'aria-label': 'API keys' });
  const place = h('div', {});
  const show = () =>
    keys().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, all.length > 0 ? list : h('p', { class: 'soft' }, 'There are none.'));
      },
      (error) => fill(place, failed('Your API keys cannot be shown', sentence(error), show)),
    );
  show();
  return h('div', {}, place, newKey(show, inbox));
}

/** @param {ApiKey} key @param {() => Promise<void>} again shows what is left */
function entry({ id, name, mode, scopes, recipients, senders, created_at: since, expires_at: end, active, last_used: used }, again) {
  const until = end && (active ? `good until ${full(end)}` : `expired ${full(end)}`);
  const times = [`Made ${full(since)}`, used ? `last used ${full(used)}` : 'never used', until].filter(Boolean).join(', ');
  const limits = [
    mode === 'team' && `Only to ${recipients.join(', ')}`,
    mode === 'test' && 'Only in the sandbox',
    senders && `Only from ${senders.join(', ')}`,
  ].filter(Boolean);
  const revoke = async () => {
    const text = 'Whatever uses it is refused within five seconds. That cannot be undone.';
    if (!(await confirm(`Revoke the key “${name}”?`, text, { yes: 'Revoke' }))) return;
    await deleteKey(id);
    announce('The key is revoked.');
    await again();
  };
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, h('strong', {}, name), ` · ${mode} · `, h('code', {}, id)),
    h('p', { class: 'soft small' }, `${times}.`),
    h('p', { class: 'soft small' }, [scopes.join(', '), ...limits].join('. '), '.'),
    form([], { label: `Revoke ${name}`, danger: true }, revoke),
  );
}

/**
 * A form for a new key, and the key once it is made.
 *
 * @param {() => Promise<void>} again shows all keys
 * @param {boolean | null} inbox
 */
function newKey(again, inbox) {
  const name = field('Name of the key', { name: 'name', required: true, maxlength: 64, autocomplete: 'off' }, 'What uses it, such as the name of a program');
  const mode = choice('Mode', 'mode', MODES);
  const team = field('Numbers of the team', { name: 'recipients', autocomplete: 'off' }, 'In international form, with commas between');
  const end = field('Expires', { name: 'expires_at', type: 'datetime-local' }, 'Leave it empty for a key that does not');
  const scopes = scopeBoxes(SCOPES.filter(([scope]) => inbox || !scope.startsWith('inbox:')));
  const shown = h('div', { class: 'new-key' });
  const showTeam = () => (team.element.hidden = mode.input.value !== 'team');
  mode.input.addEventListener('change', showTeam);
  showTeam();
  const body = form(
    [name, mode, team, end],
    { label: 'Make an API key', blame: scopes.blame },
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
  const whole = field('Your new key', { name: 'new_key', readonly: true, value: key }, 'Copy it now: it is not shown again.');
  const done = h('p', { class: 'done', role: 'status' });
  const copy = async () => {
    if (await copyText(key)) return setText(done, 'Copied.');
    // Not every page may write there; then the user copies what is selected.
    whole.input.focus();
    whole.input.select();
    setText(done, 'Press the keys that copy.');
  };
  return [whole.element, h('button', { type: 'button', class: 'button', onclick: copy }, 'Copy the key'), done];
}

/** What the key may do, to be chosen. @param {[Scope, string][]} offered */
function scopeBoxes(offered) {
  const fault = h('p', { class: 'fault', id: uniqueId('scopes-fault'), hidden: true });
  const boxes = offered.map(([scope, words]) => {
    const box = h('input', { type: 'checkbox', value: scope });
    return { box, element: h('label', { class: 'box' }, box, words) };
  });
  const element = h('fieldset', { class: 'scopes' }, h('legend', {}, 'It may'), ...boxes.map((one) => one.element), fault);
  return {
    element,
    get: () => boxes.filter(({ box }) => box.checked).map(({ box }) => /** @type {Scope} */ (box.value)),
    /** @param {{field: string, message: string}[]} errors @returns {boolean} whether one is about the scopes */
    blame: (errors) => {
      const ours = errors.some(({ field: at }) => at === 'scopes');
      fault.hidden = !ours;
      setText(fault, ours ? 'Choose at least one.' : '');
      if (ours) boxes[0]?.box.focus();
      return ours;
    },
  };
}
