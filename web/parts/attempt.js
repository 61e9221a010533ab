import { sentence } from '../api/http.js';
import { alarm } from '../lib/announce.js';
import { h, setText } from '../lib/dom.js';

/** Says what went wrong with what was attempted. */
export function attempts() {
  const fault = h('p', { class: 'fault', hidden: true });
  /** @param {() => Promise<void>} act */
  const attempt = (act) => async () => {
    fault.hidden = true;
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
