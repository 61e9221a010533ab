import { cancel, details as fetchDetails, remove } from '../api/client.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { fill, h, setText } from '../lib/dom.js';
import { exact, full } from '../lib/time.js';
import { formatNumber } from '../model/number.js';
import { counted, stepName, wholeStatus } from '../model/wording.js';
import { confirm, openDialog } from '../parts/dialog.js';

/** @import { Message, Step } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** Shows all that is known of a message, and what can be done with it. @param {Desk} desk @param {Message} message */
export function details(desk, message) {
  const ours = message.direction === 'outbound';
  const fault = h('p', { class: 'fault', hidden: true });
  const steps = h('ol', { class: 'steps' });
  const history = h('section', { hidden: true }, h('h3', {}, 'History'), steps);
  const close = () => dialog.close();
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
  const takeBack = attempt(async () => {
    if (!(await confirm('Take this text back?', 'It will not be sent, but stays in your history.', { yes: 'Do not send it', no: 'Send it' }))) return;
    desk.put(await cancel(desk.user, message.id));
    close();
    announce('Cancelled');
  });
  const erase = attempt(async () => {
    const waiting = message.status === 'queued' ? 'It will not be sent. ' : '';
    if (!(await confirm('Delete this message?', `${waiting}It is gone for good on your side.`, { yes: 'Delete' }))) return;
    await remove(desk.user, message.id);
    desk.drop(message.id);
    close();
    announce('Deleted');
  });
  const facts = h('dl', { class: 'facts' });
  const describe = () => fill(facts, ...factsOf(message).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
  describe();

  const canCancel = ours && message.status === 'queued';
  const dialog = openDialog(
    ours ? 'Your message' : 'Their message',
    {},
    h('p', { class: 'text quoted', dir: 'auto' }, message.content ?? ''),
    facts,
    history,
    fault,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button', onclick: close, autofocus: true }, 'Close'),
      canCancel && h('button', { type: 'button', class: 'button', onclick: takeBack }, 'Cancel sending'),
      h('button', { type: 'button', class: 'button danger quiet', onclick: erase }, 'Delete'),
    ),
  );
  fetchDetails(desk.user, message.id).then(
    ({ timeline }) => {
      if (!ours) return;
      history.hidden = timeline.length === 0;
      fill(steps, ...timeline.map(stepLine));
    },
    // What is known already stays.
    () => {},
  );
}

/** @param {Message} message @returns {[string, string][]} */
function factsOf(message) {
  if (message.direction === 'inbound') {
    return [
      ['From', formatNumber(message.counterpart)],
      ['Received', full(message.sent_at)],
    ];
  }
  const segments = counted(message.segments ?? 1, 'segment');
  return [
    ['Status', wholeStatus(message)],
    ['To', formatNumber(message.counterpart)],
    ['Written', full(message.sent_at)],
    ['Size', `${segments} in ${message.encoding ?? ''}`],
  ];
}

/** @param {Step} step */
const stepLine = (step) =>
  h(
    'li',
    {},
    h('time', { datetime: step.at, title: full(step.at) }, exact(step.at)),
    h('span', {}, stepName(step), step.detail && h('span', { class: 'soft' }, ` – ${step.detail}`)),
  );
