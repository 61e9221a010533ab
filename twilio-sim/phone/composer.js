import { Refused, write } from './api.js';
import { el, say } from './dom.js';
import { isName, showSender } from './format.js';

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
  const files = el('input', { id: 'files', type: 'file', multiple: '' });
  const submit = el('button', { class: 'main' }, 'Send');
  const keyword = el('button', { type: 'button' });
  const to = el('select', { id: 'to' });
  const choice = el('p', { class: 'to' }, el('label', { for: 'to' }, 'To'), to);
  const note = el('p', { class: 'note soft', role: 'status' });
  const problem = el('p', { id: 'body-problem', class: 'problem', role: 'alert' });
  const element = el('form', { class: 'composer' },
    choice, note, el('label', { class: 'over', for: 'body' }, 'Text from this phone'), body,
    el('div', { class: 'buttons' }, submit, keyword),
    el('p', { class: 'files' }, el('label', { for: 'files' }, 'Pictures and files'), files), problem);
  /** @type {Map<string, string>} */
  const drafts = new Map();
  let number = '';
  let busy = false;
  /** @type {string[]} those from whom this phone gets no texts */
  let stopped = [];
  /** @type {string | undefined} the newest text, when it was decided whom to write to */
  let newest;

  /** Offers what can be done with who is written to. */
  function offer() {
    const [name, stop] = [isName(to.value), !stopped.includes(to.value)];
    say(note, name ? `${to.value} is a name, not a number: nobody can answer it.` : '');
    submit.disabled = name;
    keyword.disabled = name;
    keyword.value = stop ? 'STOP' : 'START';
    say(keyword, keyword.value);
    keyword.title = stop ? 'Ask for no more texts' : 'Ask for texts again';
  }

  /**
   * Keeps to whom was chosen, if that is possible.
   * @param {string[]} senders
   */
  function list(senders) {
    if ([...to.options].map(({ value }) => value).join() === senders.join()) return;
    const chosen = to.value;
    to.replaceChildren(...senders.map((sender) => el('option', { value: sender }, showSender(sender))));
    to.value = senders.includes(chosen) ? chosen : senders[0] ?? '';
  }

  /**
   * Answers go to who wrote last, unless one is being written to another.
   * @param {Screen} screen
   * @param {string[]} senders
   */
  function follow(screen, senders) {
    const text = screen.texts.at(-1);
    if (text?.sid === newest) return;
    const free = newest === undefined || body.value === '';
    if (text && free && senders.includes(text.with)) to.value = text.with;
    newest = text?.sid ?? '';
  }

  /**
   * Whether it was sent.
   * @param {string} text
   * @param {File[]} brought
   */
  async function send(text, brought = []) {
    if (busy || (text === '' && brought.length === 0) || isName(to.value)) return false;
    busy = true;
    const from = number;
    try {
      const media = await Promise.all(brought.map(read));
      await write({ from, body: text, ...(media.length > 0 && { media }), ...(to.value && { to: to.value }) });
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
    if (!await send(text, [...files.files ?? []])) return;
    drafts.delete(from);
    files.value = '';
    if (from === number && body.value === text) body.value = '';
  });
  body.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element.requestSubmit();
  });
  body.addEventListener('input', () => drafts.set(number, body.value));
  keyword.addEventListener('click', () => send(keyword.value));
  to.addEventListener('change', offer);

  return {
    element,
    /** @param {string} phone */
    open(phone) {
      number = phone;
      body.value = drafts.get(phone) ?? '';
      files.value = '';
      to.replaceChildren();
      choice.hidden = true;
      [stopped, newest] = [[], undefined];
      // It can be asked for before anything is known of the phone.
      offer();
      say(problem, '');
    },
    /**
     * @param {Screen} screen
     * @param {string[]} senders
     */
    update(screen, senders) {
      list(senders);
      follow(screen, senders);
      choice.hidden = senders.length < 2;
      stopped = screen.stopped;
      offer();
    },
  };
}

/** @param {File} file @returns {Promise<{content_type: string, data: string}>} */
function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    // `data:…;base64,…`
    reader.onload = () => resolve({
      content_type: file.type || 'application/octet-stream',
      data: String(reader.result).split(',')[1] ?? '',
    });
    reader.readAsDataURL(file);
  });
}
