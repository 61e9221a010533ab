import { thread as readThread } from '../api/client.js';
import { mark, removeConversation } from '../api/people.js';
import { sentence } from '../api/http.js';
import { alarm, announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { go, place } from '../lib/router.js';
import { searchPlace } from './search.js';
import { words } from '../lib/words.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { toast } from '../parts/toast.js';
import { openContact } from './contact.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Marks } from '../model/conversations.js' */

/** As many texts are counted before it is said that there are more. */
const COUNTED = 200;

/** What can be done with a conversation, to choose from. @param {Desk} desk @param {string} number */
export async function openMenu(desk, number) {
  const name = desk.contacts.shown(number);
  // Of one that is not listed here only the server knows what is noted on it.
  const known = desk.listed(number) ?? (await mark(number, {}).catch(() => null));
  const isUnread = known?.marked_unread || (desk.listed(number)?.unread ?? 0) > 0;
  /** @param {string} text @param {() => void | Promise<void>} act @param {string} [kind] */
  const entry = (text, act, kind = 'button wide') => {
    const choose = async () => {
      dialog.close();
      try {
        await act();
      } catch (error) {
        alarm(sentence(error));
      }
    };
    return h('li', {}, h('button', { type: 'button', class: kind, onclick: choose }, text));
  };
  const noted = (/** @type {Marks} */ marks, /** @type {Marks} */ before, /** @type {string} */ told) => async () => {
    await desk.conversations.mark(number, marks);
    toast(told, () => desk.conversations.mark(number, before).catch((error) => alarm(sentence(error))));
  };
  const archive = async () => {
    await noted({ archived: true }, { archived: false }, words.actions.archived(name))();
    leave(number);
  };
  const unread = async () => {
    await noted({ unread: true }, { unread: false }, words.actions.markedUnread(name))();
    leave(number);
  };
  const entries = known && [
    known.pinned ? entry(words.actions.unpin, noted({ pinned: false }, { pinned: true }, words.actions.unpinned(name))) : entry(words.actions.pin, noted({ pinned: true }, { pinned: false }, words.actions.pinned(name))),
    known.archived ? entry(words.actions.unarchive, noted({ archived: false }, { archived: true }, words.actions.unarchived(name))) : entry(words.actions.archive, archive),
    isUnread ? entry(words.actions.markRead, () => desk.readAll(number)) : entry(words.actions.markUnread, unread),
  ];
  const dialog = openDialog(
    words.actions.title(name),
    {},
    h(
      'ul',
      { class: 'menu' },
      ...(entries ?? []),
      entry(words.actions.search, () => go(searchPlace(number))),
      entry(desk.contacts.get(number) ? words.people.edit : words.people.addOf, () => openContact(desk, number)),
      known && entry(words.actions.delete, () => erase(desk, number, name), 'button wide danger quiet'),
      entry(words.common.close, () => {}),
    ),
  );
}

/** @param {Desk} desk @param {string} number @param {string} name */
async function erase(desk, number, name) {
  const page = await readThread(number, 'desc', null, COUNTED);
  const last = page.items[0];
  if (!last) return;
  const waiting = page.items.filter(({ status }) => status === 'queued').length;
  const text = [page.next ? words.actions.deleteMany(page.items.length) : words.actions.deleteText(page.items.length), waiting > 0 && words.actions.deleteWaiting(waiting)];
  if (!(await confirm(words.actions.deleteTitle(name), text.filter(Boolean).join(' '), { yes: words.common.delete }))) return;
  const { deleted } = await removeConversation(number, last.id);
  desk.gone(number);
  leave(number);
  announce(words.actions.deleted(deleted));
}

/** Whoever is in it goes back to the list. @param {string} number */
function leave(number) {
  const { path } = place();
  if (path[0] === 'conversations' && path[1] === number) go('#/', { replace: true });
}
