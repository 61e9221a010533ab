import { markRead, renew } from '../api/client.js';
import { refresh } from '../api/login.js';
import { begin, session, sessions } from '../api/session.js';
import { Channel } from '../lib/channel.js';
import { Drawer } from '../lib/drawer.js';
import { lead } from '../lib/lead.js';
import { backoff, pause } from '../lib/pause.js';
import { Tabs } from '../lib/tabs.js';
import { asMessage } from './accepted.js';
import { Campaigns } from './campaigns.js';
import { Contacts } from './contacts.js';
import { Conversations } from './conversations.js';
import { Drafts } from './drafts.js';
import { Feed } from './feed.js';
import { waitOf } from './handing.js';
import { Inbox } from './inbox.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { Setup } from './setup.js';
import { Templates } from './templates.js';
import { Thread, placeOf } from './thread.js';

/** @import { Show } from '../api/client.js' */
/** @import { DisabledWebhook, Message } from '../api/types.js' */
/** @import { StreamEvent } from '../api/stream.js' */
/** @import { Beside } from './beside.js' */
/** @import { Placed } from './drafts.js' */
/** @import { Outgoing } from './outbox.js' */
/** @import { Remembered } from './remembered.js' */

/** How often it is looked whether the token is due to be renewed. */
const MINUTE = 60_000;

/** So many are known that came in. */
const TOLD = 1000;

/** What was read within this time before the stream began is not all read again, in milliseconds. */
const FRESH = 5000;

/**
 * What this browser has kept of a user.
 *
 * @typedef {{drafts: Placed[], draftDrawer: Drawer<Placed>, texts: Outgoing[], textDrawer: Drawer<Outgoing>, remembered: Remembered | null}} Kept
 */

/** @param {string} user @param {boolean} isKept whether this device keeps the login, and what was seen with it @returns {Promise<Kept>} */
export async function keptOf(user, isKept) {
  /** @type {Drawer<Placed>} */
  const draftDrawer = new Drawer('drafts', user);
  /** @type {Drawer<Outgoing>} */
  const textDrawer = new Drawer('outbox', user);
  const remembering = isKept ? import('./remembered.js').then(({ remembered }) => remembered(user)).catch(() => null) : null;
  const [drafts, texts, remembered] = await Promise.all([draftDrawer.all(), textDrawer.all(), remembering]);
  return { drafts, draftDrawer, texts, textDrawer, remembered };
}

/** Everything that belongs to the user who is logged in, kept up to date until `signal`. */
export class Desk {
  /** Messages that have just come in. @type {Channel<Message>} */
  arrivals = new Channel();
  /** Texts of ours about which there is news. @type {Channel<Message>} */
  news = new Channel();
  /** Messages that are new or have changed. @type {Channel<Message>} */
  messages = new Channel();
  /** A webhook of ours that is called no more; null if that may have been missed. @type {Channel<DisabledWebhook | null>} */
  webhooks = new Channel();

  /** @type {Map<string, Thread>} */
  #threads = new Map();
  /** Up to where conversations were seen, as long as the server has not heard of it. @type {Map<string, string>} */
  #unmarked = new Map();
  /** Those that came in last, so that what is told twice is new only once: what is found late is older than others. @type {Set<string>} */
  #told = new Set();
  #begunAt = Date.now();
  /** The conversation that is looked at, where no list may show it. @type {Beside | null} */
  beside = null;
  /** Ends what is shown beside the conversations that are not put aside. */
  #chosen = new AbortController();

  /**
   * @param {string} user the username's hash
   * @param {Kept} kept
   * @param {AbortSignal} signal
   */
  constructor(user, kept, signal) {
    this.user = user;
    this.signal = signal;
    const tabs = new Tabs(`desk.${user}`);
    this.tabs = tabs;
    signal.addEventListener('abort', () => tabs.close());
    this.contacts = new Contacts(tabs, signal);
    this.templates = new Templates(tabs, signal);
    this.conversations = new Conversations(tabs, signal);
    /** Those that are shown. */
    this.chosen = this.conversations;
    this.drafts = new Drafts(kept.drafts, kept.draftDrawer, tabs, signal);
    this.outbox = new Outbox(kept.texts, kept.textDrawer, tabs, signal);
    this.campaigns = new Campaigns(new Drawer('campaigns', user), new Drawer('parts', user), tabs, signal);
    this.feed = new Feed(this.outbox, tabs, signal);
    this.setup = new Setup(signal);
    this.inbox = new Inbox(signal);
    this.notices = new Notices(this, signal);
    /** What was seen last, where that is kept. */
    this.remembered = kept.remembered;
    this.remembered?.follow(this);
    this.outbox.accepted.on((accepted) => this.put(asMessage(accepted)), signal);
    this.outbox.canceled.on((message) => this.put(message), signal);
    this.setup.load();
    this.contacts.load();
    this.conversations.load();
    this.inbox.load();
    this.feed.events.on((event) => this.#hear(event), signal);
    const send = (/** @type {AbortSignal} */ leading) => {
      this.outbox.start(leading);
      this.campaigns.start(leading);
    };
    lead(tabs, `lead.${user}`, send, (leading) => this.feed.lead(leading), signal);
    addEventListener('beforeunload', (event) => this.#warn(event), { signal });
    const timer = setInterval(keepLoggedIn, MINUTE);
    signal.addEventListener('abort', () => clearInterval(timer));
    keepLoggedIn();
    // What is asked for at first waits for the token, if it is not there yet.
    let waits = session()?.token === null;
    sessions.on((next) => {
      if (next && !next.expired && !(waits && this.conversations.state === 'loading')) this.#reload();
      waits = false;
    }, signal);
  }

  /** It is read once it is looked at. @param {string} number @returns {Thread} */
  thread(number) {
    let thread = this.#threads.get(number);
    if (!thread) {
      thread = new Thread(number, () => this.listed(number)?.unread ?? 0);
      this.#threads.set(number, thread);
      this.remembered?.recall(thread);
    }
    return thread;
  }

  /** Shows other conversations beside those that are not put aside, until the next choice; none, if it is `inbox`. @param {Show} show @returns {Conversations} */
  choose(show) {
    this.#chosen.abort();
    this.#chosen = new AbortController();
    this.signal.addEventListener('abort', () => this.#chosen.abort(), { signal: this.#chosen.signal });
    this.chosen = show === 'inbox' ? this.conversations : new Conversations(this.tabs, this.#chosen.signal, show);
    if (show !== 'inbox') this.chosen.load();
    return this.chosen;
  }

  /** What is known of a conversation, if it is in a list, or looked at. @param {string} number */
  listed(number) {
    return this.conversations.get(number) ?? this.beside?.get(number) ?? this.chosen.get(number);
  }

  /** @param {Message} message that is new or has changed */
  put(message) {
    this.#threads.get(message.counterpart)?.put(message);
    for (const list of this.#lists()) list.touch(message);
    this.messages.emit(message);
  }

  /** @param {string} id of a message that is gone */
  drop(id) {
    for (const thread of this.#threads.values()) thread.drop(id);
    this.remembered?.forget(id);
    this.#refreshLists();
  }

  /** @param {string} number of a conversation that was deleted; what came since is read again */
  gone(number) {
    this.remembered?.forgetThread(number);
    this.#threads.get(number)?.load();
    this.#refreshLists();
  }

  /** Whoever opens a conversation has looked at it again. @param {string} number */
  opened(number) {
    if (!this.listed(number)?.marked_unread) return;
    for (const list of this.#lists()) list.seen(number);
    this.conversations.mark(number, { unread: false }).catch(() => this.#refreshLists());
  }

  /** Everything that was received from there has been seen. @param {string} number */
  async readAll(number) {
    const last = this.listed(number)?.last_message ?? this.#threads.get(number)?.list().at(-1);
    if (!last) return;
    await markRead(number, last.id);
    for (const list of this.#lists()) list.seen(number);
    this.tabs.tell('marks');
    this.#threads.get(number)?.seen(placeOf(last));
    this.#refreshLists();
  }

  #lists() {
    const lists = new Set([this.conversations, this.chosen]);
    return this.beside ? lists.add(this.beside) : lists;
  }

  #refreshLists() {
    for (const list of this.#lists()) list.refresh();
  }

  /** @param {Thread} thread that the user is looking at @param {string} upTo the place of the last message that can be seen */
  async seen(thread, upTo) {
    const { number } = thread;
    const newest = thread.lastUnread(upTo)?.id;
    if (!newest) return;
    thread.seen(upTo);
    if (thread.later === null && !thread.firstUnread()) for (const list of this.#lists()) list.seen(number);
    const isBusy = this.#unmarked.has(number);
    this.#unmarked.set(number, newest);
    if (isBusy) return;
    for (let upTo, tries = 0; (upTo = this.#unmarked.get(number)) && !this.signal.aborted; tries += 1) {
      const wait = await markRead(number, upTo).then(() => null, waitOf);
      // As long as the server is away or too busy: it would go on counting what was read here.
      if (wait !== null) await pause(Math.max(wait, backoff(tries, 30_000)), this.signal);
      else if (this.#unmarked.get(number) === upTo) this.#unmarked.delete(number);
    }
  }

  /** @param {StreamEvent} event */
  #hear({ type, data }) {
    if (type === 'ready' && Date.now() < this.#begunAt + FRESH) this.#catchUp();
    else if (type === 'ready' || type === 'reset') this.#reload();
    else if (type === 'inbox') this.inbox.refresh();
    else if (type === 'conversation.read') this.#read(data);
    else if (type === 'deleted') this.drop(data.id);
    else if (type === 'webhook.disabled') this.webhooks.emit(data);
    else if (type === 'opt_out.changed' || type === 'conversations.marked') this.#refreshLists();
    else if (type === 'message') {
      const known = this.#threads.get(data.counterpart)?.get(data.id);
      this.put(data);
      this.#tell(data, known);
    }
  }

  /** Somebody has seen them, here or elsewhere, up to a received text, whose id says where it stands. @param {{counterpart: string, up_to: string}} what */
  #read({ counterpart, up_to: upTo }) {
    this.#threads.get(counterpart)?.seen(upTo);
    this.#refreshLists();
  }

  /** @param {Message} message @param {Message | undefined} before */
  #tell(message, before) {
    const { id, version } = message;
    if (message.direction === 'outbound') {
      if (before && before.status !== message.status) this.news.emit(message);
    } else if (message.unread && !this.#told.has(id) && !(before && before.version < version)) {
      this.#told.add(id);
      const [oldest] = this.#told;
      if (oldest && this.#told.size > TOLD) this.#told.delete(oldest);
      this.arrivals.emit(message);
    }
  }

  /** From now on all is told. What was read a moment ago lacks texts at most. */
  #catchUp() {
    this.conversations.refresh();
    if (this.inbox.open !== false) this.inbox.refresh();
    for (const thread of this.#threads.values()) thread.load();
  }

  #reload() {
    this.setup.load();
    this.webhooks.emit(null);
    this.contacts.refresh();
    this.#refreshLists();
    this.inbox.refresh();
    for (const thread of this.#threads.values()) thread.load();
  }

  /** What waits is lost with the page where the browser keeps nothing. @param {BeforeUnloadEvent} event */
  #warn(event) {
    if (this.outbox.size > 0 && !this.outbox.drawer.isSafe) event.preventDefault();
  }
}

/** A new token in time; should it fail, there are many more minutes to try. */
async function keepLoggedIn() {
  const now = session();
  if (!now || now.expired || Date.now() < now.renewAt) return;
  if (now.cookie && (await refresh(now.token).catch(() => true))) return;
  const login = await renew().catch(() => null);
  if (login && session()?.token === now.token) begin(login, now.name, { cookie: false, kept: now.kept });
}
