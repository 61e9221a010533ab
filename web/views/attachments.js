import { removeUpload, upload } from '../api/files.js';
import { sentence } from '../api/http.js';
import { announce } from '../lib/announce.js';
import { fill, h, setAttribute } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';
import { shrunk } from '../model/shrink.js';
import { sizeOf } from '../model/size.js';

/** @import { Said } from '../lib/dom.js' */
/** @import { Attached } from '../model/text.js' */

/** As many as one message may have. */
const MOST = 10;

/** What can be sent; the server knows exactly. */
const ACCEPTED = 'image/*,audio/*,video/*,.pdf,.vcf,.ics,.csv,.rtf';

/**
 * A file that was chosen for a text: on its way to the server, there, or refused.
 *
 * @typedef {object} Chosen
 * @property {string} name
 * @property {Attached | null} attached once the server has it
 * @property {Said} fault why the server does not have it
 * @property {AbortController} over
 */

/** Lets files go with a text. @param {() => void} changed @param {AbortSignal} signal */
export function attachments(changed, signal) {
  /** @type {Chosen[]} */
  let all = [];
  const input = h('input', { type: 'file', multiple: true, accept: ACCEPTED, hidden: true, 'aria-label': words.files.label });
  const button = h(
    'button',
    { type: 'button', class: 'tool', title: words.files.add, 'aria-label': words.files.add, onclick: () => input.click() },
    icon('attach'),
  );
  const element = h('ul', { class: 'attached', 'aria-label': words.files.ofMessage, hidden: true });

  const show = () => {
    element.hidden = all.length === 0;
    fill(element, ...all.map(row));
    setAttribute(button, 'disabled', all.length >= MOST);
  };
  /** @param {Chosen} file */
  const row = (file) => {
    const state = file.attached ? sizeOf(file.attached.size) : file.fault || words.files.uploading;
    const remove = h(
      'button',
      { type: 'button', class: 'tool', title: words.files.remove(file.name), 'aria-label': words.files.remove(file.name), onclick: () => drop(file) },
      icon('close'),
    );
    return h('li', { class: file.fault ? 'failed' : '' }, h('span', { class: 'name', dir: 'auto' }, file.name), h('span', { class: 'hint' }, state), remove);
  };
  /** @param {Chosen} file */
  const drop = (file) => {
    file.over.abort();
    all = all.filter((other) => other !== file);
    // If that fails, the server removes it after a day.
    if (file.attached?.id) removeUpload(file.attached.id).catch(() => {});
    announce(words.files.removed(file.name));
    show();
    changed();
    button.focus();
  };
  /** @param {File} chosen */
  const add = async (chosen) => {
    /** @type {Chosen} */
    const file = { name: chosen.name || words.files.picture, attached: null, fault: '', over: new AbortController() };
    all.push(file);
    show();
    changed();
    try {
      const { id, url, content_type: type, size } = await upload(await shrunk(chosen), AbortSignal.any([signal, file.over.signal]));
      file.attached = { id, url, type, size, name: file.name };
    } catch (error) {
      if (file.over.signal.aborted || signal.aborted) return;
      file.fault = sentence(error);
    }
    announce(file.fault ? words.files.refusedFor(file.name, String(file.fault)) : words.files.ready(file.name));
    show();
    changed();
  };
  /** @param {FileList | undefined} files @returns {boolean} whether there were any */
  const addAll = (files) => {
    const chosen = [...(files ?? [])].slice(0, MOST - all.length);
    for (const file of chosen) add(file);
    return chosen.length > 0;
  };
  input.addEventListener('change', () => {
    addAll(input.files ?? undefined);
    input.value = '';
  });

  return {
    element,
    button,
    input,
    /** What is dropped or pasted somewhere goes with the text, too. @param {HTMLElement} place */
    takeFrom: (place) => {
      place.addEventListener('paste', (event) => addAll(event.clipboardData?.files) && event.preventDefault());
      place.addEventListener('dragover', (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault());
      place.addEventListener('drop', (event) => addAll(event.dataTransfer?.files) && event.preventDefault());
    },
    /** @returns {Attached[]} those that the server has */
    get: () => all.flatMap(({ attached }) => attached ?? []),
    /** @param {Attached[]} [files] */
    set: (files = []) => {
      all = files.map((attached) => ({ name: attached.name, attached, fault: '', over: new AbortController() }));
      show();
    },
    /** @returns {string} why the text cannot be sent yet; empty if it can */
    fault: () => {
      const refused = all.find(({ fault }) => fault);
      if (refused) return words.files.refused(refused.name);
      const coming = all.find(({ attached }) => !attached);
      return coming ? words.files.coming(coming.name) : '';
    },
  };
}
