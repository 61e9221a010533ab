import { logOut } from '../api/login.js';
import { changeLook } from '../lib/look.js';
import { conversationPlace, go } from '../lib/router.js';
import { words } from '../lib/words.js';
import { maybesOf } from '../model/maybes.js';
import { formatNumber, parseNumber, parsePart } from '../model/number.js';
import { openPicker } from '../parts/picker.js';
import { mayForget } from './forgetting.js';
import { openShortcuts } from './shortcuts.js';

/** @import { Desk } from '../model/desk.js' */
/** @import { Maybes } from '../model/maybes.js' */
/** @import { Option } from '../parts/picker.js' */

/** So many conversations are offered at a time. */
const MOST = 20;

/** Opens a list of everything that can be done, and of whom one talks with. @param {Desk} desk */
export function openCommands(desk) {
  const maybes = maybesOf(desk);
  const told = { placeholder: words.commands.placeholder, nothing: words.search.nothing };
  openPicker(words.commands.title, told, (typed) => [
    ...conversationsWith(desk, typed),
    ...actions(desk, maybes).filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase())),
  ]);
}

/**
 * Contacts and conversations that fit what was typed, and its number if it is one.
 *
 * @param {Desk} desk
 * @param {string} typed
 * @returns {Option[]}
 */
function conversationsWith(desk, typed) {
  if (!typed) return [];
  const [number, part] = [parseNumber(typed), parsePart(typed)];
  const fits = (/** @type {string} */ counterpart) =>
    part ? counterpart.includes(part) : counterpart.toLowerCase().includes(typed.toLowerCase());
  const contacts = desk.contacts.find(typed, MOST).map((contact) => contact.number);
  const others = desk.conversations.list().map(({ counterpart }) => counterpart).filter(fits);
  const found = [...new Set([...contacts, ...others])].slice(0, MOST);
  const all = number && !found.includes(number) ? [...found, number] : found;
  return all.map((counterpart) => ({
    label: desk.contacts.shown(counterpart),
    hint: desk.contacts.nameOf(counterpart) ? formatNumber(counterpart) : words.commands.conversation,
    run: () => go(conversationPlace(counterpart)),
  }));
}

/** @param {Desk} desk @param {Maybes} maybes @returns {Option[]} */
function actions(desk, maybes) {
  const to = (/** @type {string} */ label, /** @type {string} */ place, hint = '') => ({ label, hint, run: () => go(place) });
  const leave = async () => (await mayForget(desk)) && logOut();
  return [
    to(words.common.newMessage, '#/new', 'n'),
    to(words.common.search, '#/search', '/'),
    to(words.common.allConversations, '#/'),
    to(words.scheduled.title, '#/scheduled'),
    to(words.people.title, '#/contacts'),
    to(words.campaigns.title, '#/campaigns'),
    to(words.campaigns.begin, '#/campaigns/new'),
    to(words.templates.title, '#/account/templates'),
    to(words.common.account, '#/account'),
    ...(desk.inbox.open ? [to(words.common.unassigned, '#/inbox')] : []),
    ...(maybes.open ? [to(words.maybes.title, '#/maybes')] : []),
    { label: words.shortcuts.title, hint: '?', run: openShortcuts },
    { label: words.commands.light, run: () => changeLook({ theme: 'light' }) },
    { label: words.commands.dark, run: () => changeLook({ theme: 'dark' }) },
    { label: words.commands.system, run: () => changeLook({ theme: undefined }) },
    { label: words.account.logOut, run: leave },
  ];
}
