import { fill, h } from '../lib/dom.js';
import { confirm } from '../parts/dialog.js';

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
    h('span', { class: 'unseen' }, 'You:'),
    h('div', { class: 'said' }, h('p', { class: 'text', dir: 'auto' }, [first.content, ...(first.files ?? []).map(({ name }) => name)].filter(Boolean).join('\n'))),
    meta,
  );
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
    h('button', { type: 'button', class: 'link', onclick }, label);
  let shown = '';
  /** @param {Outgoing} text */
  const update = (text) => {
    // The buttons keep the focus as long as nothing changes.
    const now = `${text.state} ${text.inDoubt} ${text.reason ?? ''}`;
    if (now === shown) return;
    shown = now;
    element.dataset.status = text.state;
    const refused = text.state === 'refused';
    element.classList.toggle('failed', refused);
    const change = () => {
      desk.outbox.drop(text);
      edit(text);
    };
    const takeBack = async () => {
      if (text.inDoubt && !(await mayBeSent())) return;
      // It may have been sent while that was asked.
      if (desk.outbox.to(text.recipient).some(({ key }) => key === text.key)) change();
    };
    if (text.state === 'sending') return fill(meta, 'Sending…');
    if (!refused) return fill(meta, `${text.reason ?? ''} `, button('Take back', takeBack));
    fill(
      meta,
      `Not sent: ${text.reason ?? ''} `,
      button('Try again', () => desk.outbox.again(text)),
      ' ',
      button('Change', change),
      ' ',
      button('Discard', () => desk.outbox.drop(text)),
    );
  };
  return { element, update };
}

const mayBeSent = () =>
  confirm(
    'Take it back?',
    'The server did not answer, so it may have this text already. If it has, taking it back here does not stop it.',
    { yes: 'Take it back', no: 'Let it wait' },
  );
