import { composer } from './composer.js';
import { el, say } from './dom.js';
import { longTime, showNumber, showSender } from './format.js';

/** @import {Screen, Text} from './types.d.ts' */

const TOLD = {
  waiting: 'waiting for the messenger',
  taken: 'the messenger has it',
  refused: 'the messenger did not take it',
};

/**
 * What is on one phone, and a way to write on it.
 * @param {HTMLElement} section
 * @param {() => void} changed called when something was sent
 */
export function thread(section, changed) {
  const title = el('h2', { id: 'thread-title' });
  const stopped = el('p', { class: 'stopped', role: 'status' });
  const head = el('div', { class: 'thread-head' },
    el('a', { class: 'back', href: '#' }, 'Phones'), title, stopped);
  const empty = el('p', { class: 'empty soft' }, 'Pick a phone to see what arrived there.');
  const writer = composer(changed);
  /** @type {ReturnType<typeof log> | null} */
  let texts = null;

  return {
    /**
     * Turns to another phone.
     * @param {string | null} number
     */
    open(number) {
      say(title, number === null ? 'No phone is open' : showNumber(number));
      say(stopped, '');
      if (number === null) {
        texts = null;
        title.classList.add('hidden');
        section.replaceChildren(title, empty);
        return;
      }
      title.classList.remove('hidden');
      head.insertBefore(title, stopped);
      texts = log(number);
      writer.open(number);
      section.replaceChildren(head, texts.element, writer.element);
    },
    /**
     * @param {Screen} screen of the phone that is open
     * @param {string[]} senders
     */
    update(screen, senders) {
      const from = screen.stopped.map(showSender).join(', ');
      say(stopped, from && `Stopped: ${from} cannot write here until this phone sends START.`);
      writer.update(screen, senders);
      texts?.update(screen.texts);
    },
  };
}

/**
 * The texts, to which new ones are only ever added.
 * @param {string} number
 */
function log(number) {
  const element = el('div', {
    class: 'texts', role: 'log', tabindex: '0', 'aria-label': `Texts on ${showNumber(number)}`,
  });
  /** @type {Map<string, ReturnType<typeof bubble>>} */
  const bubbles = new Map();
  let atEnd = true;
  element.addEventListener('scroll', () => {
    atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 48;
  });
  return {
    element,
    /** @param {Text[]} texts oldest first */
    update(texts) {
      texts.forEach((text, place) => {
        const key = `${text.sid} ${text.automatic}`;
        let one = bubbles.get(key);
        if (!one) {
          one = bubble(text);
          bubbles.set(key, one);
          element.insertBefore(one.element, element.children[place] ?? null);
        }
        one.update(text);
      });
      if (atEnd) element.scrollTop = element.scrollHeight;
    },
  };
}

/** @param {Text} text */
function otherEnd({ own, automatic, service, with: sender }) {
  const through = service && !own && !automatic ? ` through service ${service}` : '';
  return `${own ? 'to' : 'from'} ${showSender(sender)}${through}`;
}

/** @param {NonNullable<Text['media']>[number]} one */
function file({ sid, content_type: type }) {
  const href = `/content/${sid}`;
  if (!/^image\/(gif|jpeg|png|webp)$/.test(type)) return el('p', { class: 'bubble' }, el('a', { href, download: sid }, type));
  return el('img', { class: 'picture', src: href, alt: 'Picture' });
}

/** @param {Text} text */
function bubble(text) {
  const who = text.own ? 'This phone' : `${text.automatic ? 'Automatic answer from ' : ''}${showSender(text.with)}`;
  const told = el('span');
  const element = el('article', { class: 'text' },
    el('span', { class: 'hidden' }, `${who}: `),
    ...(text.media ?? []).map(file),
    ...(text.body || !text.media?.length ? [el('p', { class: 'bubble', dir: 'auto' }, text.body || '(empty)')] : []),
    el('p', { class: 'meta soft' }, el('time', { datetime: text.at }, longTime(text.at)),
      ` · ${otherEnd(text)}`, told));
  element.classList.toggle('own', text.own);
  element.classList.toggle('automatic', text.automatic);
  if (text.automatic) say(told, ' · sent by the network, not by the messenger');
  return {
    element,
    /** @param {Text} text */
    update({ told: state }) {
      if (!state) return;
      say(told, ` · ${TOLD[state]}`);
      told.classList.toggle('refused', state === 'refused');
    },
  };
}
