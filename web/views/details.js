import { cancel, details as fetchDetails, remove } from '../api/client.js';
import { announce } from '../lib/announce.js';
import { copyText } from '../lib/clipboard.js';
import { fill, h, setText } from '../lib/dom.js';
import { exact, full } from '../lib/time.js';
import { words } from '../lib/words.js';
import { kindName } from '../model/kinds.js';
import { senderName } from '../model/sender.js';
import { stepDetail, stepName, wholeStatus } from '../model/steps.js';
import { said } from '../model/wording.js';
import { attempts } from '../parts/attempt.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { linked } from '../parts/linked.js';
import { canResend, resend } from './resend.js';

/** @import { Message, Step } from '../api/types.js' */
/** @import { Child, Said } from '../lib/dom.js' */
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
    if (!(await confirm(words.details.cancelTitle, words.details.cancelText, { yes: words.details.cancelYes, no: words.details.cancelNo }))) return;
    desk.put(await cancel(desk.user, id));
    dialog.close();
    announce(words.details.canceled);
  });
  const erase = attempt(async () => {
    const text = message.status === 'queued' ? words.details.deleteWaiting : words.details.deleteText;
    if (!(await confirm(words.details.deleteTitle, text, { yes: words.common.delete }))) return;
    await remove(desk.user, id);
    desk.drop(id);
    gone();
  });
  const gone = () => {
    if (!dialog.open) return;
    dialog.close();
    announce(words.details.deleted);
  };

  const content = first.content ?? '';
  const copy = async () => {
    const told = (await copyText(content)) ? words.details.copied : words.details.notCopied;
    setText(copying, told);
    announce(told);
  };
  const again = async () => (await resend(desk, message)) && dialog.close();

  const leave = h('button', { type: 'button', class: 'button', onclick: () => dialog.close(), autofocus: true }, words.common.close);
  const revoke = h('button', { type: 'button', class: 'button', onclick: takeBack }, words.details.cancel);
  const discard = h('button', { type: 'button', class: 'button danger quiet', onclick: erase }, words.common.delete);
  const copying = h('button', { type: 'button', class: 'button', hidden: !content, onclick: copy }, words.details.copy);
  const resending = h('button', { type: 'button', class: 'button', onclick: again }, words.bubble.sendAgain);
  const show = () => {
    const told = factsOf(message, desk.contacts.both(counterpart), desk.setup.route(message));
    fill(facts, ...told.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, ...value)]));
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
    ours ? words.details.yours : words.details.theirs,
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
  desk.contacts.changes.on(show, over.signal);
  thread.changes.on(() => {
    const now = thread.get(id);
    if (thread.isDeleted(id)) gone();
    else if (now && now.version > message.version) {
      message = now;
      look();
    }
  }, over.signal);
}

/** What happened to a text, step by step; `load` answers with its latest state, if it is one. @param {Desk} desk @param {string} id */
function historyOf(desk, id) {
  const steps = h('ol', { class: 'steps' });
  const element = h('section', { hidden: true }, h('h3', {}, words.details.history), steps);
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

/** @param {Message} message @param {string} who it is exchanged with @param {string} route if it is worth telling @returns {[string, Child[]][]} */
function factsOf(message, who, route) {
  /** @type {[string, Said | Said[], shown?: boolean][]} */
  const facts =
    message.direction === 'inbound'
      ? [
          [words.details.from, who],
          [words.details.to, senderName(message.recipient ?? ''), route !== ''],
          [words.details.received, full(message.sent_at)],
        ]
      : [
          [words.details.status, wholeStatus(message)],
          [words.details.to, who],
          [words.details.from, senderName(message.sender ?? ''), Boolean(message.sender)],
          [words.details.kind, kindName(message.class ?? 'transactional')],
          [words.details.written, full(message.sent_at)],
          [words.details.size, words.details.sizeIn(words.count.segments(message.segments ?? 1), message.encoding ?? '')],
          [words.details.reference, message.reference ?? '', message.reference !== null],
          [words.details.tags, tagList(message), Object.keys(message.tags).length > 0],
        ];
  return facts.filter(([, , isShown = true]) => isShown).map(([name, value]) => [name, [value].flat().filter((part) => part !== '').flatMap((part, place) => (place > 0 ? [' ', part] : part))]);
}

/** What a program noted, in one line. @param {Message} message */
const tagList = ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}: ${value}`).join(', ');

/** @param {Step} step */
const stepLine = (step) =>
  h(
    'li',
    {},
    h('time', { datetime: step.at, title: full(step.at) }, exact(step.at)),
    h('span', {}, stepName(step), step.detail && h('span', { class: 'soft' }, ' – ', stepDetail(step))),
  );
