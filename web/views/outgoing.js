import { fill, h } from '../lib/dom.js';

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
    const now = `${text.state} ${text.reason ?? ''}`;
    if (now === shown) return;
    shown = now;
    element.dataset.status = text.state;
    const refused = text.state === 'refused';
    element.classList.toggle('failed', refused);
    if (!refused) return fill(meta, text.reason ?? 'Sending…');
    const change = () => {
      desk.outbox.drop(text);
      edit(text);
    };
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
