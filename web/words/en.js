import { grammar } from '../lib/grammar.js';

/*
 * Everything that the web client says, by where it says it. Of the other catalogues `tsc` demands the same names.
 * `{name}` is where something else stands: a value, or an element (`phrase` in `lib/dom.js`).
 */

const { capital, list, number, plural } = grammar('en');

export const words = {
  common: {
    account: 'Account',
    allConversations: 'All conversations',
    close: 'Close',
    copied: 'Copied.',
    delete: 'Delete',
    keep: 'Keep it',
    loadMore: 'Load more',
    loading: 'Loading…',
    newMessage: 'New message',
    notLoaded: 'Not loaded',
    password: 'Password',
    received: 'Received',
    remove: 'Remove',
    saved: 'Saved.',
    search: 'Search',
    send: 'Send',
    sent: 'Sent',
    stay: 'Stay',
    tryAgain: 'Try again',
    unassigned: 'Unassigned',
    undo: 'Undo',
    username: 'Username',
  },

  time: {
    today: 'Today',
    yesterday: 'Yesterday',
    /** @param {string} time */
    todayAt: (time) => `today at ${time}`,
    /** @param {string} time */
    tomorrowAt: (time) => `tomorrow at ${time}`,
    /** Behind “by” and “until”. @param {string} time */
    clock: (time) => time,
  },

  count: {
    /** @param {number} n */
    conversations: (n) => plural(n, { one: '{n} conversation', other: '{n} conversations' }),
    /** @param {number} n */
    files: (n) => plural(n, { one: '{n} file', other: '{n} files' }),
    /** @param {number} n */
    newMessages: (n) => plural(n, { one: '{n} new message', other: '{n} new messages' }),
    /** @param {number} n */
    pictures: (n) => plural(n, { one: '{n} picture', other: '{n} pictures' }),
    /** @param {number} n */
    segments: (n) => plural(n, { one: '{n} segment', other: '{n} segments' }),
    /** @param {number} n */
    texts: (n) => plural(n, { one: '{n} message', other: '{n} messages' }),
    /** @param {number} n */
    unread: (n) => plural(n, { one: '{n} unread message', other: '{n} unread messages' }),
  },

  error: {
    network: 'Cannot reach the server.',
    checkConnection: 'Cannot reach the server. Check your connection and try again.',
    server: 'Something went wrong on the server.',
    page: 'Something went wrong in this page. Load it again.',
  },

  field: {
    /** @param {string} label */
    required: (label) => `${label} is required.`,
    /** @param {string} label @param {string} fault a part of a sentence */
    fault: (label, fault) => `${label} ${fault}.`,
    passwordHint: '8 to 128 characters',
  },

  connection: {
    unreachable: 'Cannot reach the server. Messages that you send wait here and go out by themselves.',
    offline: 'You are offline. Messages that you send wait here and go out by themselves.',
  },

  before: {
    /** @param {string} at */
    connecting: (at) => `As of ${at}, connecting…`,
    /** @param {string} at */
    offline: (at) => `You are offline: as of ${at}`,
    /** @param {string} at */
    failed: (at) => `As of ${at}, cannot be loaded now`,
  },

  ribbon: {
    title: 'Simulation.',
    text: 'No message leaves this computer.',
    phone: 'Open the phone',
  },

  auth: {
    slogan: 'Send text messages, follow their delivery, and read the replies.',
    login: 'Log in',
    signup: 'Sign up',
    noAccount: 'No account yet? {link}',
    hasAccount: 'Already have an account? {link}',
    stay: 'Keep me logged in on this device',
    closed: 'Sign-up is closed. You need an invite to sign up.',
    nameHint: '3 to 64 letters, digits, or . _ - @',
    invite: 'Invite',
    inviteHint: 'The invite code that you received. You can use it once.',
  },

  relogin: {
    title: 'Log in again',
    text: 'Your login as {name} has ended. What you have written is kept.',
    leave: 'Log out and discard it',
  },

  home: {
    skip: 'Skip the conversations',
    partMissing: 'A part of this page could not be loaded.',
    /** @param {string} name */
    hello: (name) => `Hello, ${name}`,
    begin: 'Start a new message or choose a conversation.',
    /** @param {string} who @param {string} text */
    arrived: (who, text) => `New message from ${who}: ${text}`,
    /** @param {string} status */
    ours: (status) => `Your message: ${status}`,
    /** @param {string} who @param {string} status */
    oursTo: (who, status) => `Your message to ${who}: ${status}`,
    /** @param {string} why */
    webhookDisabled: (why) => `A webhook was disabled. ${why}.`,
  },

  notices: {
    title: 'Notifications',
    hint: 'Show a notification when a message arrives while this page is in the background?',
    turnOn: 'Turn on',
    notNow: 'Not now',
    switchHint: 'On this device, also while this page is closed.',
    switch: 'Notify me of messages while no tab of this page is in front',
    news: 'New message',
    withText: 'Show the beginning of the message',
    onlyOpen: 'Only while this page is open: this browser cannot be reached otherwise at the moment.',
    forbidden: 'This browser blocks notifications from this page. You can allow them in its settings.',
  },

  list: {
    noneSuch: 'No such conversations',
    filters: 'Show',
    filter: { inbox: 'All', unread: 'Unread', failed: 'Failed', waiting: 'Waiting', archived: 'Archived' },
    pinned: 'Pinned',
    markedUnread: 'Marked as unread',
    title: 'Messages',
    none: 'No conversations yet',
    noneHint: 'Send your first message to start one.',
    /** @param {string} count */
    unassigned: (count) => `Unassigned, ${count}`,
    sending: 'Sending: ',
    waiting: 'Waiting: ',
    refused: 'Not sent: ',
    draft: 'Draft: ',
    you: 'You: ',
    scheduled: 'Scheduled: ',
    canceled: 'Cancelled: ',
    /** @param {string} status */
    failed: (status) => `${status}: `,
    optedOut: ' · opted out',
  },

  thread: {
    /** @param {string} name */
    with: (name) => `Messages with ${name}`,
    /** @param {string} name */
    writeFirst: (name) => `Send the first message to ${name}.`,
    nothing: 'No messages yet',
    earlier: 'Load earlier messages',
    earlierShown: 'Earlier messages are shown.',
    newest: 'The newest messages',
    /** @param {string} count */
    below: (count) => `${count} below`,
    gone: 'That message was deleted.',
    newMessages: 'New messages',
    consent: 'Opt-out status',
    cannotAnswer: 'You cannot reply to this sender: messages can only be sent to phone numbers.',
    /** @param {string} number */
    writeInstead: (number) => `Message ${number} instead`,
  },

  bubble: {
    you: 'You:',
    they: 'They:',
    details: 'Details',
    /** @param {string} time */
    detailsOfYours: (time) => `Details of your message of ${time}`,
    /** @param {string} time */
    detailsOfTheirs: (time) => `Details of their message of ${time}`,
    sendAgain: 'Send again',
    /** @param {string} sender */
    from: (sender) => `from ${sender}`,
    /** @param {string} sender */
    to: (sender) => `to ${sender}`,
  },

  resend: {
    title: 'Send this message again?',
    /** @param {string} name */
    text: (name) => `MySMS sends the same words to ${name} as a new message, and counts it as one. The failed message stays in your history.`,
    /** @param {string} name */
    both: (name) => `MySMS sends the same words and files to ${name} as a new message, and counts it as one. The failed message stays in your history.`,
    /** @param {string} name */
    files: (name) => `MySMS sends the same files to ${name} as a new message, and counts it as one. The failed message stays in your history.`,
    goneTitle: 'It cannot be sent again',
    gone: 'Its files are not kept any more.',
    goneHint: 'Write a new message and choose them again.',
    withoutFiles: 'Send without files',
    /** @param {string} sender */
    otherSender: (sender) => `It cannot leave from ${sender} any more, so it leaves from another sender.`,
    twice: 'Nobody knows whether the first one arrived: they may get it twice.',
    no: 'Do not send',
    done: 'Sending it again.',
  },

  outgoing: {
    sending: 'Sending…',
    /** A reason stands before it. */
    waits: '{reason} {takeBack}',
    refused: 'Not sent: {reason} {again} {change} {discard}',
    takeBack: 'Take back',
    change: 'Edit',
    discard: 'Discard',
    askTitle: 'Take it back?',
    askText: 'The server did not answer, so it may already have this message. If it has, taking it back here does not stop it.',
    askYes: 'Take it back',
    askNo: 'Keep waiting',
    login: 'Waiting until you have logged in again.',
    connection: 'Waiting for the connection.',
    old: 'It has waited for more than a day. Send it anyway?',
    goingOut: 'It was going to replace a message that is already going out.',
    gone: 'It was going to replace a message that is gone.',
  },

  details: {
    yours: 'Your message',
    theirs: 'Their message',
    history: 'History',
    from: 'From',
    to: 'To',
    received: 'Received',
    status: 'Status',
    kind: 'Type',
    written: 'Written',
    size: 'Size',
    /** @param {string} segments @param {string} encoding */
    sizeIn: (segments, encoding) => `${segments} in ${encoding}`,
    reference: 'Reference',
    tags: 'Tags',
    cancel: 'Cancel sending',
    cancelTitle: 'Cancel this message?',
    cancelText: 'It will not be sent, but stays in your history.',
    cancelYes: 'Cancel it',
    cancelNo: 'Leave it as it is',
    canceled: 'Cancelled',
    deleteTitle: 'Delete this message?',
    deleteText: 'You cannot undo this.',
    deleteWaiting: 'It will not be sent. You cannot undo this.',
    deleted: 'Deleted',
    copy: 'Copy text',
    copied: 'Copied',
    notCopied: 'This browser does not allow copying',
  },

  composer: {
    label: 'Message',
    /** @param {string} number */
    labelTo: (number) => `Message to ${number}`,
    placeholder: 'Message',
    schedule: 'Schedule',
    keys: 'Press Enter to send, Shift and Enter for a new line.',
    blocked: 'They opted out, so you cannot message them. After a STOP they have to text START first.',
    /** @param {number} n */
    tooLong: (n) => plural(n, { one: 'It is {n} character too long.', other: 'It is {n} characters too long.' }),
  },

  counter: {
    /** @param {number} segments @param {number} left */
    size: (segments, left) => `${plural(segments, { one: '{n} segment', other: '{n} segments' })} · ${number(left)} left`,
    /** @param {number} n */
    tooLong: (n) => plural(n, { one: '{n} character too long', other: '{n} characters too long' }),
    dear: 'Only 70 characters fit into a segment, not 160, because of {characters}',
    plain: 'Plain characters are sent for {characters}',
    /** @param {number} n */
    more: (n) => `and ${number(n)} more `,
    undo: 'Undo',
    replace: 'Use plain characters',
    /** @param {number} segments @param {number} before */
    replaceFor: (segments, before) => `Use plain characters: ${plural(segments, { one: '{n} segment', other: '{n} segments' })} instead of ${number(before)}`,
    /** @param {string} segments */
    special: (segments) => `${segments}, because of special characters`,
  },

  choices: {
    from: 'From',
    kind: 'Type',
    more: 'More',
    less: 'Less',
    automatic: 'Automatic',
    /** @param {string} sender */
    automaticIs: (sender) => `Automatic: ${sender}`,
    /** @param {string} end */
    service: (end) => `service …${end}`,
    /** @param {string} sender */
    paused: (sender) => `${sender} (paused)`,
  },

  /** Kinds of messages: a name, and how they are treated. */
  kinds: {
    otp: { name: 'Login code', hint: 'Somebody is waiting for it: it goes out before all others, at any hour.' },
    transactional: { name: 'Transactional', hint: 'About something that they did. This is the usual type.' },
    bulk: { name: 'Bulk', hint: 'One of many: it goes out after all others.' },
  },

  scheduler: {
    open: 'Send later',
    at: 'Send on',
    now: 'Send now',
    zone: 'Their time zone',
    myClock: 'Use my time zone',
    theirClock: 'Use their time zone',
    noTime: 'Choose when to send it.',
    noZone: 'Choose their time zone.',
    past: 'This time has passed.',
    far: 'You can schedule messages up to 35 days ahead.',
    /** @param {string} time */
    here: (time) => `That is ${time} for you.`,
  },

  files: {
    add: 'Add pictures or files',
    label: 'Pictures and files',
    ofMessage: 'Pictures and files of this message',
    picture: 'Picture',
    file: 'File',
    /** @param {string} kind @param {number} place @param {number} count */
    one: (kind, place, count) => `${kind} ${number(place)} of ${number(count)}`,
    uploading: 'Uploading…',
    /** @param {string} name */
    remove: (name) => `Remove ${name}`,
    /** @param {string} name */
    removed: (name) => `${name} was removed.`,
    /** @param {string} name */
    ready: (name) => `${name} is ready.`,
    /** @param {string} name */
    refused: (name) => `${name} cannot be sent. Remove it or choose another file.`,
    /** @param {string} name @param {string} why */
    refusedFor: (name, why) => `${name} cannot be sent. ${why}`,
    /** @param {string} name */
    coming: (name) => `${name} is still uploading.`,
    /** @param {string} kind */
    open: (kind) => `Open ${kind.toLowerCase()}`,
    /** @param {string} name */
    loading: (name) => `${name} is loading…`,
    /** @param {string} name */
    notShown: (name) => `${name} is not shown.`,
    unknown: 'Your browser cannot show it.',
    noPicture: 'It is not a picture.',
    /** @param {string} kind @param {string} facts empty if there are none */
    save: (kind, facts) => `Save ${kind.toLowerCase()}${facts && ` (${facts})`}`,
    /** @param {string} name */
    saved: (name) => `${name} was saved.`,
  },

  new: {
    to: 'To',
    toHint: 'With the country code, such as +1 or +49. For several people, use commas or paste a list.',
    noNumber: 'Enter a full phone number with its country code, for example +14155550123.',
    campaign: 'Send to everybody in a table (CSV)',
  },

  recipients: {
    another: 'Add another recipient',
    list: 'Recipients',
    wrong: 'Some of these numbers are wrong. Change or remove them.',
    /** @param {string} name @param {string} fault */
    change: (name, fault) => `Change ${name}: ${fault}`,
    /** @param {string} name @param {string} fault */
    fault: (name, fault) => `${name}: ${fault}`,
    /** @param {number} n */
    removeWrong: (n) => plural(n, { one: 'Remove the wrong one', other: 'Remove the {n} wrong ones' }),
    /** @param {number} n */
    added: (n) => plural(n, { one: '{n} recipient was added.', other: '{n} recipients were added.' }),
    /** @param {number} n */
    addedWrong: (n) => plural(n, { one: '{n} is wrong.', other: '{n} are wrong.' }),
    /** @param {number} n */
    doubles: (n) => plural(n, { one: '{n} duplicate was left out.', other: '{n} duplicates were left out.' }),
    /** @param {number} n @param {number} most */
    left: (n, most) => plural(n, { one: `{n} was left out: a message goes to at most ${number(most)} people.`, other: `{n} were left out: a message goes to at most ${number(most)} people.` }),
    /** @param {number} n */
    count: (n) => plural(n, { one: '{n} recipient', other: '{n} recipients' }),
    /** @param {string} count */
    to: (count) => `To ${count}.`,
    /** @param {string} count @param {string} segments */
    total: (count, segments) => `To ${count}: ${segments} in all.`,
    noNumber: 'There is no number in it.',
    letters: 'There are letters in it.',
    noCountry: 'The country code is missing, such as +1 or +49.',
    short: 'It is too short.',
    invalid: 'It is not a full phone number.',
  },

  /** What became of a message that went to several people. */
  together: {
    title: 'Sent together',
    nothing: 'Nothing is known of this message',
    gone: 'It may have been deleted.',
    refused: 'Not sent: {reason}',
    /** @param {string} action @param {string} who */
    of: (action, who) => `${action}: ${who}`,
    /** @param {number} n */
    delivered: (n) => `${number(n)} delivered`,
    /** @param {number} n */
    undelivered: (n) => `${number(n)} not delivered`,
    /** @param {number} n */
    unsent: (n) => `${number(n)} not sent`,
    /** @param {number} n */
    underWay: (n) => `${number(n)} on the way`,
  },

  scheduled: {
    title: 'Scheduled messages',
    list: 'What waits, by its time',
    none: 'Nothing is scheduled',
    noneHint: 'Messages that you send later appear here.',
    /** @param {number} n @param {number} all */
    first: (n, all) => `The first ${number(n)} of ${number(all)} are shown.`,
    edit: 'Edit scheduled message',
    save: 'Save',
    changing: 'Being changed…',
    canceled: 'The message as it was is cancelled.',
    unkept: 'This browser keeps nothing, for example in a private window, so a change could get lost. Cancel the message and write a new one.',
    /** @param {string} sender */
    senderGone: (sender) => `It cannot leave from ${sender} any more. Save it once more, and it leaves from another sender.`,
  },

  /** What becomes of a message whose change is discarded. */
  discard: {
    title: 'Discard the change?',
    /** @param {string} name */
    text: (name) => `The message as it was is cancelled already. Without the change nothing is sent to ${name}.`,
    stays: 'The message stays as it was.',
    busyTitle: 'It cannot be discarded yet',
    busy: 'The message as it was may be cancelled at this moment, and the server has not answered yet. Once it has, you can discard the change.',
  },

  pages: {
    back: 'Previous page',
    next: 'Next page',
    /** @param {number} from @param {number} to @param {number} all */
    place: (from, to, all) => `${number(from)} to ${number(to)} of ${number(all)}`,
  },

  table: {
    choose: 'Choose a file',
    drop: 'Or drop it here. A table in CSV format, as every spreadsheet saves it.',
    large: 'This file is too large. It can have at most 50 MB.',
    empty: 'There is nothing in this file.',
    delimiter: 'Between the columns',
    delimiters: { comma: 'Comma', semicolon: 'Semicolon', tab: 'Tab', bar: 'Vertical bar' },
    header: 'The first row has the names of the columns',
    numbers: 'Column with the numbers',
    first: 'The first rows',
    /** @param {number} place */
    column: (place) => `column ${number(place)}`,
    /** @param {number} row */
    row: (row) => `Row ${number(row)}`,
    /** @param {number} row */
    quote: (row) => `A quotation mark in row ${number(row)} is never closed, so the rest cannot be read.`,
    /** @param {string} names */
    missing: (names) => `Nothing in ${names}.`,
    /** @param {number} row */
    double: (row) => `The same number as in row ${number(row)}.`,
    blank: 'The message is empty.',
    /** @param {number} most */
    many: (most) => `A campaign has at most ${number(most)} messages.`,
    heads: { row: 'row', number: 'number', status: 'status', reason: 'reason', text: 'text', segments: 'segments', written: 'written', sent: 'sent', delivered: 'delivered' },
  },

  campaigns: {
    title: 'Campaigns',
    begin: 'New campaign',
    list: 'Campaigns sent from this browser',
    none: 'No campaigns yet',
    noneHint: 'A campaign sends a message to everybody in a table, filled in with what stands in their row.',
    elsewhere: 'From another browser',
    name: 'Name of the campaign',
    nameHint: 'All its messages get it as a tag.',
    open: 'Open',
    states: { preparing: 'Being prepared', sending: 'Being sent', paused: 'Paused', canceled: 'Cancelled', done: 'All handed over' },
    /** @param {number} done @param {number} all */
    progress: (done, all) => `${number(done)} of ${plural(all, { one: '{n} row', other: '{n} rows' })}`,
    table: 'Table',
    region: 'A message to everybody in a table',
    text: 'Message to everybody',
    insert: 'Insert from the table:',
    example: 'The first one:',
    /** @param {string} names */
    unknown: (names) => `The table has no column ${names}.`,
    check: 'Check',
    noTable: 'Choose a table first.',
    noText: 'Write a message first.',
    noName: 'Give it a name.',
    badName: 'A name cannot have control characters.',
    taken: 'There is a campaign with this name. Choose another name.',
    unkept: 'This browser keeps nothing, for example in a private window, so a campaign could not continue once the page is closed. Use another window.',
    /** @param {number} n */
    checking: (n) => plural(n, { one: 'Checking: {n} row…', other: 'Checking: {n} rows…' }),
    checked: 'All rows are checked.',
    rested: 'It has rested for more than a day.',
    unclear: 'The server gave no answer for days, so nobody knows whether it was sent. It is not sent again.',
    /** @param {string} time */
    until: (time) => `It continues ${time}.`,
    handing: 'Handed over',
    follows: 'The rest is handed over as these go out. Keep a page of the messenger open until then.',
    rests: 'Nothing more is handed over. What was handed over still goes out, unless you cancel it below.',
    pause: 'Pause',
    goOn: 'Continue',
    cancel: 'Cancel campaign',
    cancelTitle: 'Cancel this campaign?',
    /** @param {number} n */
    cancelText: (n) => plural(n, { one: '{n} row was not handed over yet and will not be sent. This does not take back what was handed over.', other: '{n} rows were not handed over yet and will not be sent. This does not take back what was handed over.' }),
    cancelYes: 'Cancel it',
    forget: 'Remove from this browser',
    forgetTitle: 'Remove it from this browser?',
    forgetText: 'Then the list of refused rows is gone. Its messages stay, and you find them by the name.',
  },

  /** What would become of a campaign. */
  forecast: {
    title: 'What will be sent',
    texts: 'Messages',
    cost: 'Cost',
    /** @param {string} segments @param {number} n */
    long: (segments, n) => `${segments}; ${plural(n, { one: '{n} message has more than one', other: '{n} messages have more than one' })}`,
    special: 'Special characters',
    /** @param {number} n */
    dear: (n) => plural(n, { one: '{n} message with characters of which only 70 fit into a segment', other: '{n} messages with characters of which only 70 fit into a segment' }),
    begins: 'Begins',
    atOnce: 'At once',
    /** @param {string} time */
    quiet: (time) => `${time}, after quiet hours`,
    ends: 'Ends',
    fast: 'As fast as the provider takes it',
    unknown: 'Not known at the moment',
    /** @param {string} time */
    about: (time) => `About ${time}. Quiet hours in between and daily limits are not counted.`,
    sample: 'Tested',
    /** @param {number} n */
    allGood: (n) => plural(n, { one: '{n} row, without sending: it can be sent', other: '{n} rows, without sending: all can be sent' }),
    /** @param {number} n @param {number} bad */
    someBad: (n, bad) => `${plural(n, { one: '{n} row', other: '{n} rows' })}, without sending: ${number(bad)} cannot be sent`,
    /** @param {number} n @param {number} all */
    testing: (n, all) => `Testing without sending: ${number(n)} of ${plural(all, { one: '{n} row', other: '{n} rows' })}…`,
    limits: 'Limits',
    /** @param {number} n */
    refused: (n) => plural(n, { one: '{n} row will not be sent', other: '{n} rows will not be sent' }),
    tested: 'These rows would be refused',
    save: 'Save these rows',
    /** @param {string} texts */
    send: (texts) => `Send ${texts}`,
    /** @param {string} texts */
    schedule: (texts) => `Schedule ${texts}`,
    none: 'There is no message that can be sent.',
  },

  /** What became of a campaign. */
  report: {
    title: 'Result',
    accepted: 'Accepted',
    refused: 'Refused',
    waits: 'Not handed over',
    segments: 'Segments',
    why: 'Why messages failed',
    rows: 'Rows that were refused',
    save: 'Save the report (CSV)',
    reading: 'Reading all messages…',
    elsewhere: 'It was not sent from this browser, so refused rows are not known here.',
    unknown: 'There are no messages with this name.',
    /** @param {number} n */
    takeBack: (n) => plural(n, { one: 'Cancel {n} waiting message', other: 'Cancel {n} waiting messages' }),
    /** @param {number} n */
    taking: (n) => `Cancelling: ${number(n)}…`,
    /** @param {number} n */
    taken: (n) => plural(n, { one: '{n} message was cancelled.', other: '{n} messages were cancelled.' }),
    /** @param {number} n */
    late: (n) => plural(n, { one: '{n} was already going out.', other: '{n} were already going out.' }),
  },

  search: {
    words: 'Words or a number',
    where: 'Where',
    inTexts: 'In messages and numbers',
    inReferences: 'In references',
    status: 'Status',
    anyStatus: 'Any status',
    results: 'Search results',
    beginTitle: 'Search your messages',
    begin: 'Enter words from a message you sent or received, or part of a phone number.',
    conversations: 'Conversations',
    texts: 'Messages',
    export: 'Export results',
    exportFound: 'The messages that were found.',
    /** @param {string} digits */
    exportNumber: (digits) => `All messages with a number that contains ${digits}.`,
    nothing: 'Nothing found',
    unfinished: 'Earlier messages have not been searched yet.',
    failed: 'The search failed',
    /** @param {string[]} parts such as “3 messages” @param {boolean} more */
    found: (parts, more) => `${list(parts)} found${more ? ', and there may be more' : ''}`,
    /** @param {string} who */
    with: (who) => `With ${who}`,
  },

  export: {
    csv: 'Table (CSV)',
    ndjson: 'JSON lines',
    saved: 'The file was saved.',
    which: 'Which messages',
    both: 'Sent and received',
    all: 'Save them as a file.',
    first: 'Save them as a file first:',
    firstAccount: 'Save your messages as a file first:',
  },

  account: {
    settings: 'Settings',
    you: 'You',
    loggedIn: 'Logged in as {name}.',
    /** @param {string} date */
    since: (date) => `Member since ${date}.`,
    /** @param {number} used @param {number} limit @param {string} ends */
    today: (used, limit, ends) => `You have used ${number(used)} of ${number(limit)} segments today. Counting starts again ${ends}.`,
    logOut: 'Log out',
    sessions: 'Sessions',
    sessionsHint: 'Where you are logged in.',
    passwordHint: 'A new password logs you out everywhere else.',
    keys: 'API keys',
    keysHint: 'Your programs use the API with a key instead of your password. Keys stay valid when you change your password.',
    quiet: 'Quiet hours',
    quietHint: 'MySMS sends none of your messages in these hours, except login codes. They wait until the hours are over.',
    encoding: 'Special characters',
    encodingHint: 'Typographic quotes and dashes make messages cost more: only 70 characters fit into a segment, not 160.',
    webhooks: 'Webhooks',
    webhooksHint: 'MySMS calls your programs when a message changes or arrives. {link}',
    webhooksLink: 'How webhooks work',
    texts: 'Export messages',
    erase: 'Delete messages or account',
    api: 'API documentation',
    oldPassword: 'Old password',
    newPassword: 'New password',
    changePassword: 'Change password',
    passwordChanged: 'Changed. You are logged out everywhere else.',
    deleteAll: 'Delete all messages',
    deleteAllTitle: 'Delete all your messages?',
    deleteAllText: 'MySMS deletes every message you sent or received. Waiting messages are not sent. You cannot undo this.',
    deleteAllYes: 'Delete all',
    deleteAllNo: 'Keep them',
    allDeleted: 'All messages were deleted.',
    deleteHint: 'Or delete your account with everything in it. Then others can take your username.',
    deleteAccount: 'Delete account',
    deleteAccountTitle: 'Delete your account?',
    deleteAccountText: 'MySMS deletes your account and every message you sent or received. Waiting messages are not sent. You cannot undo this.',
    deleteAccountYes: 'Delete everything',
    unreadSettings: 'Your settings cannot be shown',
    smart: 'Send plain characters instead of typographic ones',
    forgetTitle: 'Log out and discard?',
    /** @param {number} n */
    forgetText: (n) => plural(n, { one: '{n} message that you wrote here was not sent yet and will be discarded.', other: '{n} messages that you wrote here were not sent yet and will be discarded.' }),
    /** @param {number} n */
    forgetCampaigns: (n) => plural(n, { one: '{n} campaign is not handed over completely: the rest will be discarded.', other: '{n} campaigns are not handed over completely: the rest will be discarded.' }),
    forgetYes: 'Log out and discard',
  },

  look: {
    title: 'Language and appearance',
    hint: 'Only in this browser.',
    language: 'Language',
    theme: 'Theme',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    shortcuts: 'Show keyboard shortcuts',
    letters: 'Keyboard shortcuts of a single letter',
  },

  commands: {
    title: 'Command menu',
    placeholder: 'A name, a number or a command',
    conversation: 'Conversation',
    light: 'Theme: Light',
    dark: 'Theme: Dark',
    system: 'Theme: System',
  },

  shortcuts: {
    title: 'Keyboard shortcuts',
    off: 'Shortcuts of a single letter are switched off on the account page.',
    control: 'Ctrl',
    shift: 'Shift',
    commands: 'Open the command menu',
    next: 'Next conversation',
    previous: 'Previous conversation',
    move: 'Move in the list of conversations',
    send: 'Send the message',
    line: 'Start a new line',
  },

  sessions: {
    failed: 'Your sessions cannot be shown',
    everywhere: 'Log out everywhere',
    everywhereTitle: 'Log out everywhere?',
    everywhereText: 'This logs you out on every device, including this one.',
    unknown: 'Unknown client',
    this: 'This device: {name}',
    /** @param {string} since @param {string} renewed empty if it was not @param {string} network @param {boolean} kept */
    facts: (since, renewed, network, kept) =>
      `Since ${since}${renewed && `, renewed ${renewed}`}, from ${network}${kept ? ', stays logged in' : ''}`,
    end: 'End this session',
    ended: 'The session has ended.',
  },

  keys: {
    failed: 'Your API keys cannot be shown',
    none: 'You have no API keys.',
    /** @param {string} date */
    made: (date) => `Created ${date}`,
    /** @param {string} date */
    used: (date) => `last used ${date}`,
    unused: 'never used',
    /** @param {string} date */
    until: (date) => `expires ${date}`,
    /** @param {string} date */
    expired: (date) => `expired ${date}`,
    /** @param {string} numbers */
    onlyTo: (numbers) => `Only to ${numbers}`,
    sandbox: 'Only in the sandbox',
    /** @param {string} senders */
    onlyFrom: (senders) => `Only from ${senders}`,
    /** @param {string} name */
    revoke: (name) => `Revoke ${name}`,
    /** @param {string} name */
    revokeTitle: (name) => `Revoke the key “${name}”?`,
    revokeText: 'Within five seconds, the API refuses every program that uses it. You cannot undo this.',
    revokeYes: 'Revoke',
    revoked: 'The key was revoked.',
    name: 'Name of the key',
    nameHint: 'For example the name of the program that uses it',
    mode: 'Mode',
    team: 'Numbers of the team',
    teamHint: 'With country codes, separated by commas',
    expires: 'Expires',
    expiresHint: 'Leave empty if the key does not expire',
    make: 'Create API key',
    new: 'Your new key',
    newHint: 'Copy it now: it is not shown again.',
    copyByHand: 'Press your keys for copying.',
    copy: 'Copy key',
    scopes: 'Permissions',
    noScope: 'Choose at least one.',
    modes: {
      live: 'Live: sends to everybody',
      team: 'Team: sends to listed numbers only',
      test: 'Test: sends to nobody',
    },
    scope: {
      'messages:send': 'Send messages',
      'messages:read': 'Read sent messages',
      'messages:cancel': 'Cancel waiting messages',
      'messages:delete': 'Delete messages',
      'conversations:read': 'Read conversations, including received messages',
      'conversations:write': 'Mark conversations as read, pin and archive them',
      'contacts:read': 'Read contacts',
      'contacts:write': 'Change contacts',
      'templates:read': 'Read templates',
      'templates:write': 'Change templates',
      'events:read': 'Follow all changes as they happen',
      'inbox:read': 'Read unassigned messages',
      'inbox:write': 'Take and assign unassigned messages',
      'consent:read': 'See who opted out, and when',
      'consent:write': 'Record opt-outs and opt-ins',
      'senders:read': 'See the senders',
      'settings:read': 'See the settings',
      'settings:write': 'Change the settings',
      'webhooks:read': 'See the webhooks',
      'webhooks:write': 'Change the webhooks',
    },
  },

  people: {
    title: 'Contacts',
    search: 'Search contacts',
    label: 'Label',
    anyLabel: 'All labels',
    none: 'No contacts yet',
    noneHint: 'Add people here, import them, or add them from a conversation.',
    /** @param {number} n */
    found: (n) => plural(n, { one: '{n} contact', other: '{n} contacts' }),
    add: 'New contact',
    addOf: 'Add to contacts',
    edit: 'Edit contact',
    /** @param {string} name */
    editOf: (name) => `Edit ${name}`,
    name: 'Name',
    number: 'Number',
    note: 'Note',
    labels: 'Labels',
    labelsHint: 'Separated by commas',
    save: 'Save contact',
    delete: 'Delete contact',
    /** @param {string} name */
    deleteTitle: (name) => `Delete ${name} from your contacts?`,
    deleteText: 'Your messages stay.',
    deleted: 'The contact was deleted.',
    import: 'Import',
    export: 'Export (CSV)',
    importTitle: 'Import contacts',
    importHint: 'Choose a vCard file (.vcf) or a table (.csv) with names and full phone numbers.',
    file: 'File',
    unreadable: 'This file cannot be read.',
    /** @param {number} n */
    ready: (n) => plural(n, { one: '{n} contact can be imported.', other: '{n} contacts can be imported.' }),
    /** @param {number} n */
    replaces: (n) => plural(n, { one: '{n} replaces one that you have.', other: '{n} replace those that you have.' }),
    /** @param {number} n */
    skipped: (n) => plural(n, { one: '{n} is skipped: it has no name or no full number.', other: '{n} are skipped: they have no name or no full number.' }),
    importYes: 'Import them',
    importing: 'Importing contacts',
    /** @param {number} n */
    imported: (n) => plural(n, { one: '{n} contact was imported.', other: '{n} contacts were imported.' }),
    /** @param {number} n */
    refused: (n) => plural(n, { one: '{n} was refused.', other: '{n} were refused.' }),
  },

  actions: {
    /** @param {string} name */
    title: (name) => `Actions for ${name}`,
    pin: 'Pin',
    unpin: 'Unpin',
    archive: 'Archive',
    unarchive: 'Move back to all',
    markUnread: 'Mark as unread',
    markRead: 'Mark as read',
    search: 'Search in this conversation',
    delete: 'Delete conversation',
    /** @param {string} name */
    pinned: (name) => `${name} is pinned.`,
    /** @param {string} name */
    unpinned: (name) => `${name} is not pinned any more.`,
    /** @param {string} name */
    archived: (name) => `${name} is archived.`,
    /** @param {string} name */
    unarchived: (name) => `${name} is back among all.`,
    /** @param {string} name */
    markedUnread: (name) => `${name} is marked as unread.`,
    /** @param {string} name */
    deleteTitle: (name) => `Delete the conversation with ${name}?`,
    /** @param {number} n */
    deleteText: (n) => plural(n, { one: 'MySMS deletes {n} message. You cannot undo this.', other: 'MySMS deletes {n} messages. You cannot undo this.' }),
    /** @param {number} n */
    deleteMany: (n) => `MySMS deletes more than ${number(n)} messages. You cannot undo this.`,
    /** @param {number} n */
    deleteWaiting: (n) => plural(n, { one: '{n} waiting message will not be sent.', other: '{n} waiting messages will not be sent.' }),
    /** @param {number} n */
    deleted: (n) => plural(n, { one: '{n} message was deleted.', other: '{n} messages were deleted.' }),
  },

  templates: {
    title: 'Templates',
    hint: 'Messages that you send again and again. In double braces stands what differs.',
    manage: 'Manage templates',
    none: 'No templates yet',
    noneHint: 'Write one, and insert it when you write a message.',
    add: 'New template',
    edit: 'Edit template',
    /** @param {string} name */
    editOf: (name) => `Edit ${name}`,
    name: 'Name',
    content: 'Text',
    contentHint: 'For example: Hello {{name}}, your order is on its way.',
    save: 'Save template',
    /** @param {string} name */
    deleteOf: (name) => `Delete ${name}`,
    /** @param {string} name */
    deleteTitle: (name) => `Delete the template “${name}”?`,
    deleteText: 'Messages that were made of it stay.',
    deleted: 'The template was deleted.',
    insert: 'Insert a template',
    insertYes: 'Insert',
  },

  webhooks: {
    failed: 'Your webhooks cannot be shown',
    url: 'URL',
    description: 'Description',
    descriptionHint: 'Only you see it',
    add: 'Add webhook',
    waiting: 'Waiting for an answer…',
    /** @param {string} answer @param {number} ms */
    after: (answer, ms) => `${answer} after ${number(ms)} ms.`,
    /** @param {number} status */
    answered: (status) => `Answered ${status}`,
    /** @param {string} why */
    noAnswer: (why) => `No answer (${why})`,
    test: 'Test',
    deliveries: 'Deliveries',
    rotate: 'New secret',
    rotateTitle: 'Create a new secret?',
    rotateText: 'The old secret stays valid for 24 hours. Enter the new one at the receiver by then.',
    enable: 'Enable',
    enabled: 'Enabled. It continues where it stopped.',
    disable: 'Disable',
    disabled: 'The webhook was disabled.',
    delete: 'Delete webhook',
    deleteTitle: 'Delete this webhook?',
    deleteText: 'Events that were not delivered yet are dropped.',
    deleted: 'The webhook was deleted.',
    active: 'Active',
    /** @param {string} date */
    failing: (date) => `Failing since ${date}`,
    failingLong: 'Failing',
    by: {
      owner: 'Disabled by you',
      gone: 'Disabled: the receiver answered 410',
      failing: 'Disabled: the receiver failed for five days',
    },
    /** @param {number} n */
    pending: (n) => `${number(n)} to retry`,
    /** @param {number} n */
    aside: (n) => `${number(n)} set aside`,
    /** @param {string} state @param {string} events */
    facts: (state, events) => `${state}. Events: ${events}.`,
    nothing: 'Nothing was delivered yet.',
    when: 'When',
    event: 'Event',
    answer: 'Answer',
    took: 'Took',
    secret: 'Secret',
    secretTitle: 'The secret of your webhook',
    secretText: 'The receiver needs it to check that a call comes from MySMS. It is not shown again.',
    copyByHand: 'Copy it by hand.',
    copy: 'Copy',
    done: 'Done',
  },

  quiet: {
    zone: 'Time zone',
    zoneHint: 'MySMS uses the recipient’s time zone if it is known, and this one otherwise.',
    add: 'Add quiet hours',
    save: 'Save quiet hours',
    saved: 'Saved. This applies to messages that you send from now on.',
    savedNone: 'Saved. Messages go out at any hour.',
    noDay: 'Choose at least one day.',
    days: 'Starts on',
    from: 'From',
    to: 'To',
  },

  inbox: {
    texts: 'Unassigned messages',
    none: 'Nothing is unassigned',
    noneHint: 'Messages from people whom nobody wrote to appear here.',
    take: 'Take it',
    give: 'Assign…',
    /** @param {string} action @param {string} who */
    of: (action, who) => `${action}: the message from ${who}`,
    taken: 'It is yours.',
    noWords: 'No words',
    giveHint: 'They also get the next messages from this number.',
    /** @param {string} who */
    giveTitle: (who) => `Assign the message from ${who}`,
    giveYes: 'Assign',
    /** @param {string} who */
    given: (who) => `${who} has it now.`,
    gone: 'Somebody else already has it.',
  },

  /** Who wrote what only looks like a STOP. */
  maybes: {
    title: 'May have meant STOP',
    hint: 'They wrote something that only looks like STOP, so they still get messages. Say what they meant.',
    list: 'People in doubt',
    none: 'Nobody is in doubt',
    stop: 'They meant STOP',
    go: 'They want messages',
    /** @param {string} action @param {string} who */
    of: (action, who) => `${action}: ${who}`,
  },

  consent: {
    /** @param {string} who */
    title: (who) => `Opt-out status of ${who}`,
    bySender: 'By sender',
    said: 'History',
    noted: 'Saved.',
    nothing: 'Nothing known',
    all: 'all senders',
    /** @param {string} sender */
    stop: (sender) => `Block messages from ${sender}`,
    /** @param {string} sender */
    lift: (sender) => `Allow messages from ${sender} again`,
    /** @param {string} date */
    since: (date) => `Since ${date}`,
    /** @param {string} date @param {string} state @param {string} sender @param {string} source */
    line: (date, state, sender, source) => `${date}: ${state} (${sender}), ${source}`,
    /** @param {string} text */
    capital: (text) => capital(text),
    states: {
      withdrawn: 'Opted out',
      given: 'Wants messages',
      maybe: 'May have meant STOP',
    },
    sources: {
      text: 'they texted it',
      provider: 'they texted it, as the provider understood it',
      refusal: 'the provider refused a message to them',
      operator: 'an operator recorded it',
      user: 'a user recorded it',
      import: 'from an imported list',
      earlier: 'known from before',
    },
  },

  /** What a message's status is called, and what it means. */
  status: {
    queued: { brief: 'Waiting', whole: 'Waiting to be sent.' },
    sending: { brief: 'Sending', whole: 'Being sent.' },
    accepted: { brief: 'On its way', whole: 'The provider has it and passes it on.' },
    sent: { brief: 'Sent', whole: 'The carrier has it. It has not confirmed the delivery yet.' },
    delivered: { brief: 'Delivered', whole: 'It arrived on the phone.' },
    undelivered: { brief: 'Not delivered', whole: 'The carrier could not deliver it.' },
    failed: { brief: 'Not sent', whole: 'It could not be sent.' },
    canceled: { brief: 'Cancelled', whole: 'You cancelled it before it was sent.' },
  },

  standing: {
    perhaps: 'Perhaps not sent',
    /** @param {string} time */
    scheduled: (time) => `Scheduled for ${time}`,
    /** @param {string} time @param {string} when a part of a sentence */
    scheduledBut: (time, when) => `Scheduled for ${time}; ${when}`,
    /** @param {string} time */
    willBeSent: (time) => `It will be sent ${time}.`,
    /** @param {string} when a part of a sentence */
    sentence: (when) => `It ${when}.`,
    /** @param {string} when a part of a sentence */
    brief: (when) => capital(when),
    /** @param {string} date */
    arrived: (date) => `It arrived on the phone on ${date}.`,
    /** @param {string} status @param {string} why */
    because: (status, why) => `${status}: ${why}`,
    /** @param {string} code */
    code: (code) => `error ${code}`,
  },

  /** When a message that waits is likely to be sent: parts of a sentence. */
  expectation: {
    /** @param {string} until */
    quiet: (until) => `waits until ${until}: quiet hours`,
    /** @param {string} when @param {string} by empty if it is the same time */
    leaves: (when, by) => `goes out ${when}${by && `, at the latest by ${by}`}`,
    /** @param {string} before @param {string} after */
    then: (before, after) => `${before}, then ${after}`,
    /** @param {string} at */
    givenUp: (at) => `expires ${at}, probably before it can be sent`,
    /** Who stopped the sender. */
    paused: {
      operator: () => 'waits: the operator has paused all sending',
      /** @param {string | null} until */
      provider: (until) => `waits at least until ${until}: the provider refuses this sender`,
      /** @param {string | null} until */
      carrier: (until) => `waits until ${until}: this sender has sent all it may in a day`,
    },
    soon: 'in less than a minute',
    /** @param {number} n */
    minutes: (n) => (n === 1 ? 'in about a minute' : `in about ${number(n)} minutes`),
    /** @param {string} at */
    probably: (at) => `probably ${at}`,
  },

  /** What happened to a message, by the API's name of the event; behind it the status, where there are several. */
  steps: {
    queued: 'Stored, to be sent',
    attempt: 'Attempt',
    'rejected by the provider': 'Refused by the provider',
    'not sent': 'Not sent; MySMS tries again',
    throttled: 'The provider asked to slow down',
    'sending paused': 'Sending paused',
    'outcome unknown': 'Outcome unknown',
    "not in the provider's list": 'Not in the provider’s list',
    "the provider's list was unclear": 'The provider’s list was unclear',
    adopted: 'Found in the provider’s list',
    'sent again': 'Sent again',
    'given up': 'Given up',
    expired: 'Expired',
    canceled: 'Cancelled',
    'the recipient opted out': 'The recipient opted out',
    deleted: 'Deleted',
    'erased at the provider': 'Erased at the provider',
    'restored from a backup': 'Restored from a backup',
    'moved to another sender': 'Moved to another sender',
    'quiet hours': 'Waiting for the end of quiet hours',
    provider: 'News from the provider',
    'provider accepted': 'Taken by the provider',
    'provider sent': 'Taken by the carrier',
    'provider delivered': 'Delivered to the phone',
    'provider undelivered': 'Not delivered',
    'provider failed': 'Not sent',
    surplus: 'Sent a second time',
  },

  /** What the server says, by its own codes. It says that in English itself. @type {Record<string, string>} */
  problems: {},

  /** What is wrong with a field, by the server's words. @type {Record<string, string>} */
  faults: {},

  /** Why a message failed, by the provider's codes and ours. @type {Record<string, string>} */
  reasons: {},
};
