import { cancel, details as fetchDetails, remove } from '../api/client.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h, setText } from '../lib/dom.js';
import { exact, full } from '../lib/time.js';
import { formatNumber } from '../model/number.js';
import { kindName, senderName } from '../model/sender.js';
import { counted, said, stepDetail, stepName, wholeStatus } from '../model/wording.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { linked } from '../parts/linked.js';
import { canResend, resend } from './resend.js';

/** @import { Message, Step } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** How often it is asked when what waits will leave, in milliseconds. */
const AGAIN = 15_000;

/** Shows all that is known of a message, as it is at any time, and what can be done with it. @param {Desk} desk @param {Message} first */
export function details(desk, first) {
  let message = first;
  const { id, counterpart } = first;
  const ours = first.direction === 'outbound';
  const thread = desk.thread(counterpart);
  const facts = h('dl', { class: 'facts' });
  const history = historyOf(desk, id);
  const { fault, attempt } = attempts();

  const takeBack = attempt(async () => {
    if (!(await confirm('Take this text back?', 'It will not be sent, but stays in your history.', { yes: 'Take it back', no: 'Leave it as it is' }))) return;
    desk.put(await cancel(desk.user, id));
    dialog.close();
    announce('Cancelled');
  });
  const erase = attempt(async () => {
    const waiting = message.status === 'queued' ? 'It will not be sent. ' : '';
    if (!(await confirm('Delete this message?', `${waiting}It is gone for good on your side.`, { yes: 'Delete' }))) return;
    await remove(desk.user, id);
    desk.drop(id);
    gone();
  });
  const gone = () => {
    if (!dialog.open) return;
    dialog.close();
    announce('Deleted');
  };

  const words = first.content ?? '';
  const copy = async () => {
    const told = (await copyText(words)) ? 'Copied' : 'This browser does not let it be copied';
    setText(copying, told);
    announce(told);
  };
  const again = async () => (await resend(desk, message)) && dialog.close();

  const leave = h('button', { type: 'button', class: 'button', onclick: () => dialog.close(), autofocus: true }, 'Close');
  const revoke = h('button', { type: 'button', class: 'button', onclick: takeBack }, 'Cancel sending');
  const discard = h('button', { type: 'button', class: 'button danger quiet', onclick: erase }, 'Delete');
  const copying = h('button', { type: 'button', class: 'button', hidden: !words, onclick: copy }, 'Copy text');
  const resending = h('button', { type: 'button', class: 'button', onclick: again }, 'Send again');
  const show = () => {
    const told = factsOf(message, desk.setup.route(message));
    fill(facts, ...told.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
    const revocable = ours && message.status === 'queued';
    // What is hidden loses the focus.
    if (!revocable && document.activeElement === revoke) leave.focus();
    revoke.hidden = !revocable;
    resending.hidden = !canResend(message);
  };
  const look = async () => {
    show();
    const answer = ours ? await history.load() : null;
    if (!answer || answer.version < message.version) return;
    message = answer;
    show();
  };
  look();
  const dialog = openDialog(
    ours ? 'Your message' : 'Their message',
    {},
    h('p', { class: 'text quoted', dir: 'auto' }, ...linked(said(first))),
    facts,
    history.element,
    fault,
    h('div', { class: 'actions' }, leave, copying, resending, revoke, discard),
  );
  const over = new AbortController();
  // What waits moves on without any news of itself.
  const timer = setInterval(() => !document.hidden && message.status === 'queued' && look(), AGAIN);
  dialog.addEventListener('close', () => {
    over.abort();
    clearInterval(timer);
  });
  thread.changes.on(() => {
    const now = thread.get(id);
    if (thread.isDeleted(id)) gone();
    else if (now && now.version > message.version) {
      message = now;
      look();
    }
  }, over.signal);
}

/** Says what went wrong with what was attempted. */
function attempts() {
  const fault = h('p', { class: 'fault', hidden: true });
  /** @param {() => Promise<void>} act */
  const attempt = (act) => async () => {
    try {
      await act();
    } catch (error) {
      fault.hidden = false;
      setText(fault, sentence(error));
      alarm(sentence(error));
    }
  };
  return { fault, attempt };
}

/** What happened to a text, step by step; `load` answers with its latest state, if it is one. @param {Desk} desk @param {string} id */
function historyOf(desk, id) {
  const steps = h('ol', { class: 'steps' });
  const element = h('section', { hidden: true }, h('h3', {}, 'History'), steps);
  let shown = -1;
  const load = async () => {
    // If it cannot be had, what is known already stays.
    const answer = await fetchDetails(desk.user, id).catch(() => null);
    // Answers may overtake each other.
    if (!answer || answer.version < shown) return null;
    // A list that is as it was keeps its place under a reader's eyes.
    if (answer.version > shown) fill(steps, ...answer.timeline.map(stepLine));
    shown = answer.version;
    element.hidden = answer.timeline.length === 0;
    return answer;
  };
  return { element, load };
}

/** @param {Message} message @param {string} route if it is worth telling @returns {[string, string][]} */
function factsOf(message, route) {
  /** @type {[string, string, shown?: boolean][]} */
  const facts =
    message.direction === 'inbound'
      ? [
          ['From', formatNumber(message.counterpart)],
          ['To', senderName(message.recipient ?? ''), route !== ''],
          ['Received', full(message.sent_at)],
        ]
      : [
          ['Status', wholeStatus(message)],
          ['To', formatNumber(message.counterpart)],
          ['From', senderName(message.sender ?? ''), Boolean(message.sender)],
          ['Kind', kindName(message.class ?? 'transactional')],
          ['Written', full(message.sent_at)],
          ['Size', `${counted(message.segments ?? 1, 'segment')} in ${message.encoding ?? ''}`],
          ['Reference', message.reference ?? '', message.reference !== null],
          ['Tags', tagList(message), Object.keys(message.tags).length > 0],
        ];
  return facts.filter(([, , isShown = true]) => isShown).map(([name, value]) => [name, value]);
}

/** What a program noted, in one line. @param {Message} message */
const tagList = ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}: ${value}`).join(', ');

/** @param {Step} step */
const stepLine = (step) =>
  h(
    'li',
    {},
    h('time', { datetime: step.at, title: full(step.at) }, exact(step.at)),
    h('span', {}, stepName(step), step.detail && h('span', { class: 'soft' }, ` – ${stepDetail(step)}`)),
  );
