import { deliveries, disableWebhook, enableWebhook, makeWebhook, removeWebhook, rotateSecret, testWebhook, webhooks } from '../api/webhooks.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h } from '../lib/dom.js';
import { full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { disabledBy } from '../model/wording.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { failed } from '../parts/states.js';

/** @import { RevealedWebhook, Webhook, WebhookAnswer, WebhookDelivery } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Fetched } from './account.js' */

/** What is called when texts change, and buttons to look after it. @param {Desk} desk @param {AbortSignal} signal @returns {Fetched} */
export function webhookList(desk, signal) {
  const list = h('ul', { class: 'sessions', 'aria-label': words.account.webhooks });
  const place = h('div', {});
  const show = () =>
    webhooks().then(
      (all) => {
        fill(list, ...all.map((one) => entry(one, show)));
        fill(place, all.length > 0 && list);
      },
      (error) => fill(place, failed(words.webhooks.failed, sentence(error), show)),
    );
  desk.webhooks.on(show, signal);
  return { element: h('div', {}, place, addForm(show)), shown: show() };
}

/** @param {() => Promise<void>} again shows what is there then */
function addForm(again) {
  const url = field(words.webhooks.url, { name: 'url', type: 'url', required: true, autocomplete: 'off', placeholder: 'https://example.com/sms' });
  const description = field(words.webhooks.description, { name: 'description', maxlength: 200, autocomplete: 'off' }, words.webhooks.descriptionHint);
  const body = form([url, description], { label: words.webhooks.add }, async (values) => {
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
    fill(said, words.webhooks.waiting);
    const answer = await testWebhook(id);
    fill(said, words.webhooks.after(answered(answer), answer.duration_ms));
  };
  const change = (/** @type {() => Promise<unknown>} */ what, /** @type {string} */ said) => async () => {
    await what();
    announce(said);
    await again();
  };
  const rotate = async () => {
    if (!(await confirm(words.webhooks.rotateTitle, words.webhooks.rotateText, { yes: words.webhooks.rotate }))) return;
    reveal(await rotateSecret(id));
    await again();
  };
  const erase = async () => {
    if (!(await confirm(words.webhooks.deleteTitle, words.webhooks.deleteText, { yes: words.common.delete }))) return;
    await change(() => removeWebhook(id), words.webhooks.deleted)();
  };
  const look = async () => fill(result, deliveryTable(await deliveries(id)));
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, description && h('strong', {}, `${description}: `), url),
    h('p', { class: 'soft small' }, describe(webhook)),
    h(
      'div',
      { class: 'actions' },
      act(words.webhooks.test, tryIt),
      act(words.webhooks.deliveries, look),
      act(words.webhooks.rotate, rotate),
      state === 'disabled'
        ? act(words.webhooks.enable, change(() => enableWebhook(id), words.webhooks.enabled))
        : act(words.webhooks.disable, change(() => disableWebhook(id), words.webhooks.disabled)),
      act(words.webhooks.delete, erase, true),
    ),
    said,
    result,
  );
}

/** @param {Webhook} webhook */
function describe({ state, events, disabled_by: by, failing_since: since, pending, set_aside: aside }) {
  const states = {
    active: words.webhooks.active,
    failing: since ? words.webhooks.failing(full(since)) : words.webhooks.failingLong,
    disabled: disabledBy(by ?? 'owner'),
  };
  const counts = [pending > 0 && words.webhooks.pending(pending), aside > 0 && words.webhooks.aside(aside)];
  return words.webhooks.facts([states[state], ...counts].filter(Boolean).join(', '), events.join(', '));
}

/** @param {WebhookAnswer} answer */
const answered = ({ status, error }) => (status === null ? words.webhooks.noAnswer(error ?? '') : words.webhooks.answered(status));

/** @param {WebhookDelivery[]} all the latest first */
function deliveryTable(all) {
  if (all.length === 0) return h('p', { class: 'soft' }, words.webhooks.nothing);
  const rows = all.map((one) =>
    h('tr', {}, h('td', {}, full(one.at)), h('td', {}, one.type), h('td', {}, answered(one)), h('td', {}, `${one.duration_ms} ms`)),
  );
  return h(
    'div',
    { class: 'deliveries', tabindex: '0', role: 'region', 'aria-label': words.webhooks.deliveries },
    h(
      'table',
      { class: 'small' },
      h('thead', {}, h('tr', {}, ...[words.webhooks.when, words.webhooks.event, words.webhooks.answer, words.webhooks.took].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, ...rows),
    ),
  );
}

/** The only time that a secret is shown. @param {RevealedWebhook} webhook */
function reveal({ secret }) {
  const shown = h('input', { class: 'input', readonly: true, value: secret, 'aria-label': words.webhooks.secret });
  const copied = h('p', { class: 'done', role: 'status' });
  const copy = async () => {
    shown.select();
    fill(copied, (await copyText(secret)) ? words.common.copied : words.webhooks.copyByHand);
  };
  const dialog = openDialog(
    words.webhooks.secretTitle,
    { dismissible: false },
    h('p', {}, words.webhooks.secretText),
    shown,
    copied,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button', onclick: copy, autofocus: true }, words.webhooks.copy),
      h('button', { type: 'button', class: 'button primary', onclick: () => dialog.close() }, words.webhooks.done),
    ),
  );
}
