import { Refused, write } from './api.js';
import { el, say } from './dom.js';
import { showNumber } from './format.js';

/** @import {Screen} from './types.d.ts' */

const LONGEST = '1600';

/**
 * Writes texts from a phone.
 * @param {() => void} sent called when one was sent
 */
export function composer(sent) {
  const body = el('textarea', {
    id: 'body', rows: '2', maxlength: LONGEST, dir: 'auto', 'aria-describedby': 'body-problem',
  });
  const submit = el('button', { class: 'main' }, 'Send');
  const keyword = el('button', { type: 'button' });
  const to = el('select', { id: 'to' });
  const choice = el('p', { class: 'to' }, el('label', { for: 'to' }, 'To'), to);
  const problem = el('p', { id: 'body-problem', class: 'problem', role: 'alert' });
  const element = el('form', { class: 'composer' },
    choice, el('label', { class: 'over', for: 'body' }, 'Text from this phone'), body,
    el('div', { class: 'buttons' }, submit, keyword), problem);
  /** @type {Map<string, string>} */
  const drafts = new Map();
  let number = '';
  let busy = false;

  /** @param {boolean} stopped whether this phone gets no texts from who is written to */
  function offer(stopped) {
    keyword.value = stopped ? 'START' : 'STOP';
    say(keyword, keyword.value);
    keyword.title = stopped ? 'Ask for texts again' : 'Ask for no more texts';
  }

  /**
   * Whether it was sent.
   * @param {string} text
   */
  async function send(text) {
    if (busy || text === '') return false;
    busy = true;
    const from = number;
    try {
      await write({ from, body: text, ...(to.value && { to: to.value }) });
      say(problem, '');
      sent();
      return true;
    } catch (error) {
      say(problem, error instanceof Refused ? error.message : 'The simulator does not answer. Try again.');
      return false;
    } finally {
      busy = false;
    }
  }

  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    const [text, from] = [body.value, number];
    if (!await send(text)) return;
    drafts.delete(from);
    if (from === number && body.value === text) body.value = '';
  });
  body.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element.requestSubmit();
  });
  body.addEventListener('input', () => drafts.set(number, body.value));
  keyword.addEventListener('click', () => send(keyword.value));

  return {
    element,
    /** @param {string} phone */
    open(phone) {
      number = phone;
      body.value = drafts.get(phone) ?? '';
      to.replaceChildren();
      choice.hidden = true;
      // It can be asked for before anything is known of the phone.
      offer(false);
      say(problem, '');
    },
    /**
     * @param {Screen} screen
     * @param {string[]} senders
     */
    update(screen, senders) {
      if (to.options.length !== senders.length) {
        to.replaceChildren(...senders.map((sender) => el('option', { value: sender }, showNumber(sender))));
        to.value = screen.texts.at(-1)?.with ?? senders[0] ?? '';
      }
      choice.hidden = senders.length < 2;
      offer(screen.stopped.includes(to.value));
    },
  };
}
