import { fill, h, phrase } from '../lib/dom.js';
import { translated, words } from '../lib/words.js';
import { confirm } from '../parts/dialog.js';
import { discard } from './discard.js';

/** @import { Row } from '../lib/list.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { Outgoing } from '../model/outbox.js' */

/**
 * A text that the server has not confirmed yet, or does not want.
 *
 * @param {Desk} desk
 * @param {Outgoing} first
 * @param {(text: Outgoing) => void} edit
 * @returns {Row<Outgoing>}
 */
export function outgoing(desk, first, edit) {
  const meta = h('p', { class: 'meta', role: 'status' });
  const element = h(
    'li',
    { class: 'bubble ours pale' },
    h('span', { class: 'unseen' }, words.bubble.you),
    h('div', { class: 'said' }, h('p', { class: 'text', dir: 'auto' }, [first.content, ...(first.files ?? []).map(({ name }) => name)].filter(Boolean).join('\n'))),
    meta,
  );
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
    h('button', { type: 'button', class: 'link', onclick }, label);
  let shown = '';
  /** @param {Outgoing} text */
  const update = (text) => {
    // The buttons keep the focus as long as nothing changes.
    const now = `${text.state} ${text.inDoubt} ${text.replaces} ${text.hasAsked} ${text.code ?? ''} ${text.reason ?? ''}`;
    if (now === shown) return;
    shown = now;
    element.dataset.status = text.state;
    const refused = text.state === 'refused';
    element.classList.toggle('failed', refused);
    const change = async () => {
      if (await discard(desk, text)) edit(text);
    };
    const takeBack = async () => {
      // Of what replaces another text it is not the text itself that is in doubt yet.
      if (text.inDoubt && text.replaces === undefined && !(await mayBeSent())) return;
      // It may have been sent while that was asked.
      if (desk.outbox.to(text.recipient).some(({ key }) => key === text.key)) await change();
    };
    if (text.state === 'sending') return fill(meta, words.outgoing.sending);
    const reason = reasonOf(text);
    if (!refused) return fill(meta, ...phrase(words.outgoing.waits, { reason, takeBack: button(words.outgoing.takeBack, takeBack) }));
    const buttons = {
      again: button(words.common.tryAgain, () => desk.outbox.again(text)),
      change: button(words.outgoing.change, change),
      discard: button(words.outgoing.discard, () => discard(desk, text)),
    };
    fill(meta, ...phrase(words.outgoing.refused, { reason, ...buttons }));
  };
  return { element, update };
}

/** What this client has words of its own for. */
const OURS = new Set(/** @type {const} */ (['login', 'connection', 'old', 'goingOut', 'gone']));

/** Why it waits or was refused. @param {Pick<Outgoing, 'code' | 'reason'>} text */
export function reasonOf({ code, reason }) {
  for (const ours of OURS) if (code === ours) return words.outgoing[ours];
  return translated(words.problems, code, reason ?? '');
}

const mayBeSent = () =>
  confirm(words.outgoing.askTitle, words.outgoing.askText, { yes: words.outgoing.askYes, no: words.outgoing.askNo });
