import {
  deliveries,
  disableWebhook,
  enableWebhook,
  makeWebhook,
  removeWebhook,
  rotateSecret,
  testWebhook,
  webhooks,
} from '../api/client.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { disabledBy } from '../model/wording.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { RevealedWebhook, Webhook, WebhookAnswer, WebhookDelivery } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** What is called when texts change, and buttons to look after it. @param {Desk} desk @param {AbortSignal} signal */
export function webhookList(desk, signal) {
  const list = h('ul', { class: 'sessions', 'aria-label': 'Webhooks' });
  const place = h('div', {});
  const show = () =>
    webhooks().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, all.length > 0 && list);
      },
      (error) => fill(place, failed('Your webhooks cannot be shown', sentence(error), show)),
    );
  show();
  desk.webhooks.on(show, signal);
  return h('div', {}, place, addForm(show));
}

/** @param {() => Promise<void>} again shows what is there then */
function addForm(again) {
  const url = field('URL', { name: 'url', type: 'url', required: true, autocomplete: 'off', placeholder: 'https://example.com/sms' });
  const description = field('Description', { name: 'description', maxlength: 200, autocomplete: 'off' }, 'Only you see it');
  const body = form([url, description], { label: 'Add webhook' }, async (values) => {
    const made = await makeWebhook({ url: values.url ?? '', description: values.description ?? '' });
    body.reset();
    await again();
    reveal(made);
  });
  return body;
}

/** @param {Webhook} webhook @param {() => Promise<void>} again */
function entry(webhook, again) {
  const { id, url, description, state } = webhook;
  const said = h('p', { class: 'done', role: 'status' });
  const result = h('div', {});
  const act = (/** @type {string} */ label, /** @type {() => Promise<void>} */ what, danger = false) => {
    const run = async () => {
      button.setAttribute('aria-busy', 'true');
      try {
        await what();
      } catch (error) {
        fill(said, sentence(error));
        alarm(sentence(error));
      } finally {
        button.removeAttribute('aria-busy');
      }
    };
    const button = h('button', { type: 'button', class: danger ? 'button danger' : 'button', onclick: run }, label);
    return button;
  };
  const tryIt = async () => {
    fill(said, 'Waiting for an answer…');
    const answer = await testWebhook(id);
    fill(said, `${answered(answer)} after ${answer.duration_ms} ms.`);
  };
  const change = (/** @type {() => Promise<unknown>} */ what, /** @type {string} */ words) => async () => {
    await what();
    announce(words);
    await again();
  };
  const rotate = async () => {
    const text = 'The one before signs beside it for 24 hours more. Enter the new one at the receiver until then.';
    if (!(await confirm('Make a new secret?', text, { yes: 'New secret' }))) return;
    reveal(await rotateSecret(id));
    await again();
  };
  const erase = async () => {
    const text = 'What it was not told yet is not told any more.';
    if (!(await confirm('Delete this webhook?', text, { yes: 'Delete' }))) return;
    await change(() => removeWebhook(id), 'The webhook is deleted.')();
  };
  const look = async () => fill(result, deliveryTable(await deliveries(id)));
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, description && h('strong', {}, `${description}: `), url),
    h('p', { class: 'soft small' }, ...describe(webhook)),
    h(
      'div',
      { class: 'actions' },
      act('Test', tryIt),
      act('Deliveries', look),
      act('New secret', rotate),
      state === 'disabled'
        ? act('Enable', change(() => enableWebhook(id), 'It goes on where it was.'))
        : act('Disable', change(() => disableWebhook(id), 'The webhook is disabled.')),
      act('Delete webhook', erase, true),
    ),
    said,
    result,
  );
}

/** @param {Webhook} webhook */
function describe({ state, events, disabled_by: by, failing_since: since, pending, set_aside: aside }) {
  const states = {
    active: 'Active',
    failing: `Failing since ${since ? full(since) : 'a while ago'}`,
    disabled: disabledBy(by ?? 'owner'),
  };
  const counts = [pending > 0 && `${pending} to be tried again`, aside > 0 && `${aside} set aside`];
  return [[states[state], ...counts].filter(Boolean).join(', '), `. Told of ${events.join(', ')}.`];
}

/** @param {WebhookAnswer} answer */
const answered = ({ status, error }) => (status === null ? `No answer (${error})` : `Answered ${status}`);

/** @param {WebhookDelivery[]} all the latest first */
function deliveryTable(all) {
  if (all.length === 0) return h('p', { class: 'soft' }, 'Nothing was delivered yet.');
  const rows = all.map((one) =>
    h('tr', {}, h('td', {}, full(one.at)), h('td', {}, one.type), h('td', {}, answered(one)), h('td', {}, `${one.duration_ms} ms`)),
  );
  return h(
    'div',
    { class: 'deliveries', tabindex: '0', role: 'region', 'aria-label': 'Deliveries' },
    h(
      'table',
      { class: 'small' },
      h('thead', {}, h('tr', {}, ...['When', 'Event', 'Answer', 'Took'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, ...rows),
    ),
  );
}

/** The only time that a secret is shown. @param {RevealedWebhook} webhook */
function reveal({ secret }) {
  const shown = h('input', { class: 'input', readonly: true, value: secret, 'aria-label': 'Secret' });
  const copied = h('p', { class: 'done', role: 'status' });
  const copy = async () => {
    shown.select();
    fill(copied, (await copyText(secret)) ? 'Copied.' : 'Copy it by hand.');
  };
  const dialog = openDialog(
    'The secret of your webhook',
    { dismissible: false },
    h('p', {}, 'The receiver needs it to know that a call is ours. It is not shown again.'),
    shown,
    copied,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button', onclick: copy, autofocus: true }, 'Copy'),
      h('button', { type: 'button', class: 'button primary', onclick: () => dialog.close() }, 'I have it'),
    ),
  );
}
