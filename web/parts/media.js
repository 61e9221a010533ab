import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { isUpload } from '../model/text.js';
import { sizeOf } from '../model/size.js';

/** @import { Medium, Message } from '../api/types.js' */
/** @import { Said } from '../lib/dom.js' */

/** What can do nothing but be seen; anything else is for saving. */
const PICTURES = new Set(['image/gif', 'image/jpeg', 'image/png', 'image/webp']);

/** Files that are loaded at the same time; the others wait. */
const AT_ONCE = 4;

/** How long the browser may take to begin to save what it is given, in milliseconds. */
const SAVED_WITHIN = 60_000;

/** @type {(() => void)[]} */
const waiting = [];
let loading = 0;

/**
 * The pictures and other files of a message. Pictures are loaded once they come into view, others when they are asked
 * for. What was loaded is forgotten at `signal`.
 *
 * @param {Message} message
 * @param {(index: number, signal: AbortSignal) => Promise<Loaded>} open
 * @param {AbortSignal} signal
 */
export function media(message, open, signal) {
  const files = message.media.map((file) => {
    const name = fileName(message, file);
    if (file.url !== null && !isUpload(file.url)) return h('li', {}, link(file.url, name));
    const load = () => inTurn(() => open(file.index, signal));
    return h('li', {}, isPicture(file) ? picture(name, load, signal) : download(name, file, load));
  });
  return h('ul', { class: 'media' }, ...files);
}

/** What we sent from elsewhere is where it was. @param {string} url @param {string} name */
const link = (url, name) => h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, words.files.open(name));

/** @param {Medium} file */
const isPicture = ({ content_type: type }) => type !== null && PICTURES.has(type);

/** @param {Medium} file */
const kindOf = (file) => (isPicture(file) ? words.files.picture : words.files.file);

/** What one of the files of a message is called here. @param {Pick<Message, 'media'>} message @param {Medium} file */
export const fileName = ({ media: all }, file) => (all.length > 1 ? words.files.one(kindOf(file), file.index + 1, all.length) : kindOf(file));

/** @typedef {{content: Blob, name: string}} Loaded */

/** @param {string} name @param {() => Promise<Loaded>} load @param {AbortSignal} signal */
function picture(name, load, signal) {
  const frame = h('div', { class: 'picture' });
  const show = async () => {
    fill(frame, h('p', {}, words.files.loading(name)));
    try {
      const { content } = await load();
      if (signal.aborted) return;
      // Whatever the answer says, it is nothing but a picture.
      if (!PICTURES.has(content.type)) return fill(frame, ...missing(name, words.files.noPicture, show));
      const src = URL.createObjectURL(content);
      const forget = () => URL.revokeObjectURL(src);
      signal.addEventListener('abort', forget, { once: true });
      const image = h('img', { alt: name, src });
      image.addEventListener('error', () => fill(frame, ...missing(name, words.files.unknown, show)));
      fill(frame, image);
    } catch (error) {
      if (!signal.aborted) fill(frame, ...missing(name, sentence(error), show));
    }
  };
  fill(frame, h('p', {}, name));
  const eye = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    eye.disconnect();
    show();
  });
  eye.observe(frame);
  signal.addEventListener('abort', () => eye.disconnect(), { once: true });
  return frame;
}

/** @param {string} name @param {Said} why @param {() => void} again */
const missing = (name, why, again) => [
  h('p', {}, words.files.notShown(name), ' ', why),
  h('button', { type: 'button', class: 'button', onclick: again }, words.common.tryAgain),
];

/** @param {string} name @param {Medium} file @param {() => Promise<Loaded>} load */
function download(name, file, load) {
  const facts = [file.content_type, sizeOf(file.size)].filter(Boolean).join(', ');
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const save = async () => {
    button.setAttribute('aria-busy', 'true');
    fault.hidden = true;
    try {
      const loaded = await load();
      // As a file of no kind it is saved and never shown.
      const src = URL.createObjectURL(new Blob([loaded.content], { type: 'application/octet-stream' }));
      h('a', { href: src, download: loaded.name }).click();
      setTimeout(() => URL.revokeObjectURL(src), SAVED_WITHIN);
      announce(words.files.saved(name));
    } catch (error) {
      fault.hidden = false;
      fill(fault, sentence(error));
    } finally {
      button.removeAttribute('aria-busy');
    }
  };
  const button = h('button', { type: 'button', class: 'button', onclick: save }, words.files.save(name, facts));
  return h('div', { class: 'file' }, button, fault);
}

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function inTurn(work) {
  if (loading >= AT_ONCE) await new Promise((/** @type {(done: void) => void} */ resolve) => waiting.push(resolve));
  loading += 1;
  try {
    return await work();
  } finally {
    loading -= 1;
    waiting.shift()?.();
  }
}
