"""The types of the API: plain dictionaries, as JSON has them.

Made by `make clients` from the API's document; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired


# 3 to 64 ASCII letters, digits, `.`, `_`, `-` or `@`. White space around it is dropped, and case
# does not matter.
Username = str


# 8 to 128 characters, not the username, and, where texts cost money, none of the commonest.
Password = str


# What an operator gave to sign up with, once. An empty one is as good as none.
InviteCode = str


class NewCredentials(TypedDict):
    username: Username
    password: Password
    invite: NotRequired[InviteCode | None]


# The JWT to send as `Authorization: Bearer …`, good for 24 hours.
Token = str


# The lower-case hexadecimal SHA-256 of a trimmed lower-case username.
UsernameHash = str


class LoggedIn(TypedDict):
    message: str
    token: Token
    # Seconds for which the token is good.
    expires_in: int
    username_hash: UsernameHash


class FieldError(TypedDict):
    """What is wrong with one field, header or parameter of a request."""
    field: str
    message: str


class Problem(TypedDict):
    """Why a request was not done (RFC 9457)."""
    # `urn:mysms:problem:` and a code that stays the same when the sentences change.
    type: str
    # The name of the status.
    title: str
    status: int
    # A sentence for people.
    detail: str
    # The same as `detail`, for front ends that look for this name.
    message: str
    # The `X-Request-Id` of this answer.
    request_id: str
    # The fields, parameters or headers at fault; often none.
    errors: list[FieldError]


class Credentials(TypedDict):
    username: Username
    password: Password


class LoggedOut(TypedDict):
    """The answer to a logout."""
    message: str
    # How many API keys of the user are good still; null if that could not be seen.
    active_keys: int | None


# An instant in UTC: RFC 3339 with `Z` and milliseconds.
Timestamp = str


class SegmentsToday(TypedDict):
    """A day of a user whose segments are limited."""
    # What was accepted for this day, scheduled texts of today included.
    used: int
    limit: int
    left: int
    ends_at: Timestamp


CredentialKind = Literal["token", "key"]


# The id of an API key, by which nobody gets in.
KeyId = str


# What a key is called: 1 to 64 characters without control characters.
KeyName = str


# `live` sends to everybody, `team` to the numbers of the team alone, `test` to nobody.
KeyMode = Literal["live", "team", "test"]


# What a key may do.
Scope = Literal["messages:send", "messages:read", "messages:cancel", "messages:delete", "conversations:read", "conversations:write", "contacts:read", "contacts:write", "templates:read", "templates:write", "events:read", "inbox:read", "inbox:write", "consent:read", "consent:write", "senders:read", "settings:read", "settings:write", "webhooks:read", "webhooks:write"]


# What a text leaves from: a phone number, a short code, a name of at most 11 letters and digits, or
# the id of a Messaging Service.
SenderAddress = str


# A phone number in international form: `+`, then 8 to 15 digits of which the first is not 0.
# Spaces, dots, dashes and parentheses are dropped.
Recipient = str


class Grant(TypedDict):
    """What a key is good for."""
    mode: KeyMode
    scopes: list[Scope]
    # From where its texts may leave; null if from wherever the user's may.
    senders: list[SenderAddress] | None
    # The numbers that a key of mode `team` sends to; otherwise none.
    recipients: list[Recipient]


class UsedKey(TypedDict):
    id: KeyId
    name: KeyName
    grant: Grant


class LoggedInBy(TypedDict):
    """What shows that the request is made in the user's name."""
    # `token`, of a login, or `key`.
    kind: CredentialKind
    expires_at: Timestamp | None
    key: UsedKey | None


class Me(TypedDict):
    # As it was written at the signup.
    username: str
    username_hash: UsernameHash
    created_at: Timestamp
    # May see what belongs to nobody, and give it to users: an operator lets them.
    inbox: bool
    segments_today: SegmentsToday | None
    logged_in_by: LoggedInBy


class Leave(TypedDict):
    password: Password


class AccountDone(TypedDict):
    message: str


class ChangePassword(TypedDict):
    old_password: Password
    new_password: Password


class PasswordChanged(LoggedIn):
    """The answer to a new password."""
    # How many API keys of the user are good still; null if that could not be seen.
    active_keys: int | None


# The id of a session.
SessionId = str


class SessionView(TypedDict):
    """A login that goes on as long as its tokens are renewed."""
    id: SessionId
    # Of the login.
    created_at: Timestamp
    # When the latest token was given.
    renewed_at: Timestamp
    # The network around the address of the login.
    network: str
    # What the client called itself.
    user_agent: NotRequired[str | None]
    # Whether the request belongs to it.
    current: bool
    # Whether it is of a browser that stays logged in when it is closed.
    kept: bool


class ApiKey(Grant):
    """A key of the caller's. Its secret is shown nowhere."""
    id: KeyId
    name: KeyName
    created_at: Timestamp
    expires_at: Timestamp | None
    # It has not expired.
    active: bool
    last_used: Timestamp | None


# A moment: an RFC 3339 timestamp with any offset. What it has beyond milliseconds is cut off.
Moment = str


class CreateKey(TypedDict):
    name: KeyName
    # What it may do.
    scopes: list[Scope]
    mode: NotRequired[KeyMode | None]
    # From where its texts may leave; from wherever the user's may, if it is left out.
    senders: NotRequired[list[SenderAddress] | None]
    # The numbers of the team; only for mode `team`, which needs them.
    recipients: NotRequired[list[Recipient] | None]
    expires_at: NotRequired[Moment | None]


# A whole key. The last 6 characters are a check sum, so that scanners can tell it from noise.
ApiKeyText = str


class NewApiKey(ApiKey):
    """A key that was just made."""
    # The whole key, which is shown this one time.
    key: ApiKeyText


class KeyDeleted(TypedDict):
    message: str


# A time of day, to the minute.
TimeOfDay = str


# A time of the week.
QuietWindow = TypedDict(
    'QuietWindow',
    {
        'days': 'NotRequired[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]]',
        'from': 'TimeOfDay',
        'to': 'TimeOfDay',
    },
)


# A time zone by the name of an area and a place in the IANA database, or `UTC`.
TimeZone = str


class QuietHours(TypedDict):
    """Times of the week in which nothing but login codes is sent, by the clocks of where the recipient
    is, or of `time_zone` if that is not known. A window that ends no later than it begins ends on
    the next day; one without `days` begins on each.
    """
    windows: list[QuietWindow]
    time_zone: TimeZone


class Settings(TypedDict):
    """What a user has set, and what an operator has set for them."""
    quiet_hours: QuietHours | None
    # What is only typeset is replaced, unless a request says otherwise.
    smart_encoding: bool
    # The caller's share beside those of others; operators set it.
    weight: int


class PutSettings(TypedDict):
    """What a user sets, as it came. What is left out is off."""
    quiet_hours: NotRequired[QuietHours | None]
    smart_encoding: NotRequired[bool | None]


# The id of a message. Their order is the order in which the messages were accepted.
MessageId = str


# `outbound` is what a user sent, `inbound` what was received.
Direction = Literal["outbound", "inbound"]


# Whom texts are exchanged with. Only a phone number can be sent to; what is received may also come
# from a short code, a name, an address of another channel (`whatsapp:+14155550123`), or something
# that the provider could not read. A letter or a digit is in it, and nothing that cannot be seen.
Address = str


# The text: not blank, without U+0000, at most 1,600 UTF-16 units.
Content = str


# Where a message is on its way. `failed` may still become `delivered`, because a handset's receipt
# is evidence.
Status = Literal["queued", "sending", "accepted", "sent", "canceled", "failed", "undelivered", "delivered"]


# `GSM-7` takes 160 characters in one segment, `UCS-2` 70.
Encoding = Literal["GSM-7", "UCS-2"]


# The provider's own id of a message.
MessageSid = str


# A sender with a rate sends `otp` (somebody waits for it) before `transactional`, and that before
# `bulk`; what has to wait keeps at least a tenth of the rate.
Class = Literal["otp", "transactional", "bulk"]


# A name of your own for a text, not necessarily a unique one: 1 to 100 characters, no control
# characters, and no white space at either end.
Reference = str


# What you note on a text, by which it can be found: at most 10 values by their keys. A key is 1 to
# 40 ASCII letters, digits, `.`, `_` or `-`.
Tags = dict[str, str]


class Medium(TypedDict):
    """A file of a message."""
    # Its place among those of the message.
    index: int
    # In lower case, without parameters.
    content_type: str | None
    # In bytes; null until it was opened for the first time.
    size: int | None
    # From where the provider was told to fetch it; null of what was received.
    url: str | None


# Where a message stands in its conversation: compared as texts, positions are in the order of the
# conversation, and any of them can be the `cursor` of a part of it. It is the id of the message
# until that goes out later than it was written, because it was scheduled or had to wait for more
# than a minute.
Position = str


# A message as its user sees it.
Message = TypedDict(
    'Message',
    {
        'id': 'MessageId',
        'direction': 'Direction',
        'counterpart': 'Address | None',
        'recipient': 'Recipient | None',
        'content': 'Content | None',
        # When the user sent it, or when it was received.
        'sent_at': 'Timestamp',
        # It was received and not marked as read.
        'unread': 'bool',
        'send_at': 'Timestamp | None',
        # After this it is not sent any more.
        'expires_at': 'Timestamp',
        # A received message is `delivered`: it has reached its user.
        'status': 'Status',
        # As how many it is sent and billed.
        'segments': 'int | None',
        'encoding': 'Encoding | None',
        # How often a worker began to send it.
        'attempts': 'int',
        # The provider's number or a word of ours; always a string.
        'error_code': 'str | None',
        # The same in a sentence.
        'error_message': 'str | None',
        'provider_sid': 'MessageSid | None',
        'updated_at': 'Timestamp',
        'delivered_at': 'Timestamp | None',
        'retry_of': 'MessageId | None',
        # The text stayed in the simulator, or in the sandbox of API keys for tests.
        'simulated': 'bool',
        # Of two states of a message the one with the higher version is the newer one, wherever they
        # come from.
        'version': 'int',
        'sender': 'SenderAddress | None',
        'class': 'Class | None',
        'starts_at': 'Timestamp | None',
        'expected_at': 'Timestamp | None',
        'expected_by': 'Timestamp | None',
        'reference': 'Reference | None',
        'tags': 'Tags',
        # It was received while the messenger could not be told of it, and found at the provider
        # later.
        'recovered': 'bool',
        # Pictures and other files that it brings; what is in them `getMedia` tells.
        'media': 'list[Medium]',
        'dispatched_at': 'Timestamp | None',
        # Where it stands in its conversation.
        'position': 'Position',
    },
)


# The id of a template.
TemplateId = str


# A value for each field of a template, by the names of the fields: not blank, without U+0000.
TemplateFields = dict[str, str]


# The `url` of a file that `POST /uploads` took, or the address of a picture or another file
# elsewhere: https, without a user name or password, at most 2,048 characters.
MediaAddress = str


# When to send: an RFC 3339 timestamp with any offset, in the future and at most 35 days ahead. What
# it has beyond milliseconds is cut off.
SendAt = str


# A date and a time as a clock on the wall shows them, without an offset, at most 35 days ahead. One
# that the clocks skip is the moment at which they do; one that they show twice is the first.
LocalTime = str


# A whole number of seconds from 60 to 86,400.
ValiditySeconds = int


# A request to send a text, as it came.
SendMessage = TypedDict(
    'SendMessage',
    {
        'recipient': 'Recipient',
        # Required, but beside `media_urls` or with a `template`.
        'content': 'NotRequired[Content]',
        'template': 'NotRequired[TemplateId | None]',
        'fields': 'NotRequired[TemplateFields | None]',
        # Pictures or other files: those that `POST /uploads` took by their `url`, others by the
        # https addresses from which the provider fetches them.
        'media_urls': 'NotRequired[list[MediaAddress] | None]',
        'send_at': 'NotRequired[SendAt | None]',
        'send_at_local': 'NotRequired[LocalTime | None]',
        'time_zone': 'NotRequired[TimeZone | None]',
        'validity_seconds': 'NotRequired[ValiditySeconds | None]',
        'from': 'NotRequired[SenderAddress | None]',
        'class': 'NotRequired[Class | None]',
        # Replace what is only typeset, if the text then needs no UCS-2; by default as the user has
        # set it.
        'smart_encoding': 'NotRequired[bool | None]',
        'reference': 'NotRequired[Reference | None]',
        'tags': 'NotRequired[Tags | None]',
    },
)


# Who paused a sender: the operator, who paused all of them; the provider, which does not take its
# texts; or a carrier, because the sender has used up its day.
PausedBy = Literal["operator", "provider", "carrier"]


class Pause(TypedDict):
    """That nothing leaves a sender for now."""
    by: PausedBy
    since: Timestamp
    until: Timestamp | None


# A character that smart encoding replaced wherever it was.
EncodingChange = TypedDict(
    'EncodingChange',
    {
        'from': 'str',
        # Empty for what is invisible.
        'to': 'str',
        # How often.
        'count': 'int',
    },
)


# The answer to a message that was accepted.
AcceptedMessage = TypedDict(
    'AcceptedMessage',
    {
        'message': 'str',
        'id': 'MessageId',
        'status': 'Status',
        'recipient': 'Recipient',
        'content': 'Content | None',
        'sent_at': 'Timestamp',
        'send_at': 'Timestamp | None',
        # After this it is not sent any more.
        'expires_at': 'Timestamp',
        'segments': 'int',
        'encoding': 'Encoding',
        'simulated': 'bool',
        'sender': 'SenderAddress | None',
        'class': 'Class',
        'starts_at': 'Timestamp | None',
        'expected_at': 'Timestamp | None',
        'expected_by': 'Timestamp | None',
        'given_up_at': 'Timestamp | None',
        'paused': 'Pause | None',
        # What is likely to go wrong, in a sentence; null if nothing is.
        'warning': 'str | None',
        # What smart encoding replaced, in the order in which it first appears.
        'encoding_changes': 'list[EncodingChange]',
        'reference': 'Reference | None',
        'tags': 'Tags',
        # Pictures and other files that it brings.
        'media': 'list[Medium]',
    },
)


class ForcingUcs2(TypedDict):
    character: str
    code_point: str
    # Where it is first, in UTF-16 units from 0.
    index: int
    # How often the text has it.
    count: int


class Limit(TypedDict):
    # The code of the problem that a text sent in earnest gets.
    code: str
    # A sentence for people.
    message: str
    # Seconds to wait.
    retry_after: int | None


# The answer to a dry run. What cannot be told is null.
Preview = TypedDict(
    'Preview',
    {
        'dry_run': 'bool',
        # No rule refuses it.
        'acceptable': 'bool',
        'recipient': 'Recipient | None',
        'encoding': 'Encoding | None',
        # What it fills of its segments: septets in GSM-7, UTF-16 units in UCS-2.
        'units': 'int | None',
        'segments': 'int | None',
        # The characters that force UCS-2, in the order in which they first appear.
        'forcing_ucs2': 'list[ForcingUcs2]',
        'send_at': 'Timestamp | None',
        'expires_at': 'Timestamp',
        # It would stay in the simulator.
        'simulated': 'bool',
        'sender': 'SenderAddress | None',
        'class': 'Class',
        'starts_at': 'Timestamp | None',
        'expected_at': 'Timestamp | None',
        'expected_by': 'Timestamp | None',
        'given_up_at': 'Timestamp | None',
        'paused': 'Pause | None',
        # What smart encoding would replace. What else is told is of the text with that replaced.
        'encoding_changes': 'list[EncodingChange]',
        'reference': 'Reference | None',
        'tags': 'Tags',
        # Every rule that refuses it, but for the limits.
        'errors': 'list[FieldError]',
        # Every limit that refuses it now, and whether its recipient does.
        'limits': 'list[Limit]',
    },
)


# One content for many recipients.
BatchToMany = TypedDict(
    'BatchToMany',
    {
        'recipients': 'list[Recipient]',
        'content': 'NotRequired[Content]',
        'media_urls': 'NotRequired[list[MediaAddress]]',
        'send_at': 'NotRequired[SendAt]',
        'send_at_local': 'NotRequired[LocalTime]',
        'time_zone': 'NotRequired[TimeZone]',
        'validity_seconds': 'NotRequired[ValiditySeconds]',
        'from': 'NotRequired[SenderAddress]',
        'class': 'NotRequired[Class]',
        'smart_encoding': 'NotRequired[bool]',
        'reference': 'NotRequired[Reference]',
        'tags': 'NotRequired[Tags]',
    },
)


# 1 to 255 visible ASCII characters.
IdempotencyKey = str


# One message of a batch.
BatchMessage = TypedDict(
    'BatchMessage',
    {
        'recipient': 'Recipient',
        'content': 'NotRequired[Content]',
        'template': 'NotRequired[TemplateId]',
        'fields': 'NotRequired[TemplateFields]',
        'idempotency_key': 'NotRequired[IdempotencyKey]',
        'media_urls': 'NotRequired[list[MediaAddress]]',
        'send_at': 'NotRequired[SendAt]',
        'send_at_local': 'NotRequired[LocalTime]',
        'time_zone': 'NotRequired[TimeZone]',
        'validity_seconds': 'NotRequired[ValiditySeconds]',
        'from': 'NotRequired[SenderAddress]',
        'class': 'NotRequired[Class]',
        'smart_encoding': 'NotRequired[bool]',
        'reference': 'NotRequired[Reference]',
        'tags': 'NotRequired[Tags]',
    },
)


class BatchOfMessages(TypedDict):
    """Messages each with its own content."""
    messages: list[BatchMessage]
    reference: NotRequired[Reference]
    tags: NotRequired[Tags]


# Many messages: one content for many recipients, or each with its own.
Batch = Union[BatchToMany, BatchOfMessages]


class BatchResult(TypedDict):
    """The answer to a text of a batch: either `accepted` or `problem` is there."""
    # What the HTTP status of a request of its own would have been.
    status: int
    # This is the first answer again; nothing new was sent.
    replayed: bool
    accepted: NotRequired[AcceptedMessage | None]
    problem: NotRequired[Problem | None]
    # Seconds to wait before this text is tried again, where a `Retry-After` would say so.
    retry_after: NotRequired[int | None]


class BatchAnswer(TypedDict):
    """The answer to a batch."""
    # How many texts were accepted, now or before.
    accepted: int
    # How many were not.
    refused: int
    # An answer to each text, in the order of the request.
    results: list[BatchResult]


class BatchRefusal(TypedDict):
    """Why a text of a batch is refused."""
    # The place of the text in the request, from 0.
    index: int
    # Every rule that refuses it, but for the limits.
    errors: list[FieldError]
    # Every limit that refuses it now, and whether its recipient does.
    limits: list[Limit]


class BatchPreview(TypedDict):
    """The answer to a dry run of a batch. Each text is judged as if it were sent alone, so what they
    make each other wait, and whether a limit is left for all of them, is not told.
    """
    dry_run: bool
    # How many texts no rule refuses.
    acceptable: int
    # How many are.
    refused: int
    # Of all acceptable texts.
    segments: int
    # What they would leave from.
    senders: list[SenderAddress]
    starts_at: Timestamp | None
    expected_at: Timestamp | None
    expected_by: Timestamp | None
    # Why the others are refused, in the order of the request.
    refusals: list[BatchRefusal]


class Done(TypedDict):
    message: str


class Step(TypedDict):
    """One step of a message's life, as users see it."""
    at: Timestamp
    # What happened, in a word or two.
    event: str
    status: Status | None
    detail: str | None


class MessageWithTimeline(Message):
    """A message with all that happened to it."""
    given_up_at: Timestamp | None
    paused: Pause | None
    # Oldest first.
    timeline: list[Step]


# A file that its user brought.
UploadId = str


# What kind of sender it is.
SenderKind = Literal["long_code", "toll_free", "short_code", "alphanumeric", "service"]


# A country by its ISO 3166-1 code.
Country = str


# `active`; `draining`: it takes no new texts, and what waits still leaves.
SenderState = Literal["active", "draining"]


class Sender(TypedDict):
    """Something that texts leave from."""
    address: SenderAddress
    kind: SenderKind
    # Where its texts may go; everywhere, if there are none.
    countries: list[Country]
    state: SenderState
    # People can answer what comes from it.
    can_be_answered: bool
    # Segments a second that leave it; null if that is not limited.
    rate: float | None
    # Seconds that a transactional text would be likely to wait now; null if that is not known.
    expected_wait: int | None
    paused: Pause | None


class Conversation(TypedDict):
    """What was exchanged with one counterpart, in short."""
    counterpart: Address
    # A text can be sent to the counterpart, because it is a phone number.
    answerable: bool
    # The one either way that stands last.
    last_message: Message
    # Received messages that were not marked as read.
    unread: int
    # The other party wants no texts from us: sending them one is refused.
    opted_out: bool
    # The caller wants to see it above all others.
    pinned: bool
    # The caller put it aside, and there was no message since.
    archived: bool
    # The caller wants to look at it again, whatever was read of it.
    marked_unread: bool


class ConversationDone(TypedDict):
    """What became of a conversation."""
    message: str
    # How many messages were deleted.
    deleted: int


class ChangedConversation(TypedDict):
    """What is to be noted on a conversation. What is left out stays as it is."""
    # Show it above all others. There may be 20.
    pinned: NotRequired[bool | None]
    # Put it aside, until there is another message.
    archived: NotRequired[bool | None]
    # Look at it again. It ends when the conversation is marked as read.
    unread: NotRequired[bool | None]


class ConversationMarks(TypedDict):
    """What is noted on a conversation."""
    counterpart: Address
    pinned: bool
    archived: bool
    # To be looked at again, whatever was read of it.
    marked_unread: bool


class ReadUpTo(TypedDict):
    """Up to where a conversation was read."""
    up_to: NotRequired[MessageId | None]


# What a contact is called: 1 to 100 characters without control characters.
ContactName = str


# What else is known of a contact: at most 1,000 characters, line breaks among them.
ContactNote = str


# A label of a contact: 1 to 50 characters without control characters.
ContactLabel = str


class Contact(TypedDict):
    """Somebody a user knows."""
    number: Address
    name: ContactName
    note: ContactNote
    labels: list[ContactLabel]


class ContactRequest(TypedDict):
    """What is known of somebody."""
    name: ContactName
    note: NotRequired[ContactNote | None]
    # None, if it is left out.
    labels: NotRequired[list[ContactLabel] | None]


# The number of a contact; of a phone number any usual notation is taken. A short code, a name and
# an address of another channel (`whatsapp:+14155550123`) have contacts, too.
ContactNumber = str


class ContactOfBatch(ContactRequest):
    """One of many contacts."""
    number: ContactNumber


class ContactBatch(TypedDict):
    """Many contacts, as they came."""
    contacts: list[ContactOfBatch]


class ContactBatchResult(TypedDict):
    """The answer to one of many contacts: either `contact` or `problem` is there."""
    # What the HTTP status of a request of its own would have been.
    status: int
    contact: NotRequired[Contact | None]
    problem: NotRequired[Problem | None]
    # Seconds to wait before this contact is tried again, where a `Retry-After` would say so.
    retry_after: NotRequired[int | None]


class ContactBatchAnswer(TypedDict):
    """The answer to many contacts."""
    # How many are kept.
    kept: int
    # How many are not.
    refused: int
    # An answer to each contact, in the order of the request.
    results: list[ContactBatchResult]


class ContactDone(TypedDict):
    """What became of a contact that is not shown any more."""
    message: str


# What a template is called: 1 to 64 characters without control characters.
TemplateName = str


# A text in which `{{field}}` stands for what differs: not blank, without U+0000, at most 1,600
# UTF-16 units.
TemplateText = str


# The name of a field: 1 to 64 letters, digits and underscores.
TemplateField = str


class Template(TypedDict):
    """A text with places for what differs."""
    id: TemplateId
    name: TemplateName
    content: TemplateText
    # The fields of `content`, each once, in the order in which they first appear.
    fields: list[TemplateField]


class TemplateRequest(TypedDict):
    """A text with places for what differs, as it came."""
    name: TemplateName
    content: TemplateText


class TemplateDone(TypedDict):
    """What became of a template that is not shown any more."""
    message: str


# What somebody said of texts: `withdrawn`, they want no more; `given`, they want them; `maybe`,
# they wrote what only looks like a STOP, which changes nothing until somebody decides.
Consent = Literal["withdrawn", "given", "maybe"]


class ListedOptOut(TypedDict):
    """A number in the list."""
    number: Address
    sender: SenderAddress | None
    state: Consent
    said_at: Timestamp


class ConsentState(TypedDict):
    """What counts for a number and one sender, or all of them."""
    sender: SenderAddress | None
    state: Consent | None
    said_at: Timestamp | None
    # Texts from this sender to the number are refused, for what was said of it or of all senders.
    refused: bool
    # The caller may change it.
    changeable: bool


# From where it is known: `text`, the words of a text that they wrote; `provider`, how the provider
# understood one; `refusal`, the provider refused a text to them; `operator`; `user`, by this API;
# `import`, a list that an operator imported; `earlier`, from before it was kept.
ConsentSource = Literal["text", "provider", "refusal", "operator", "user", "import", "earlier"]


class ConsentEntry(TypedDict):
    """One thing that somebody said about texts. Entries are never changed."""
    sender: SenderAddress | None
    state: Consent
    said_at: Timestamp
    noted_at: Timestamp
    source: ConsentSource
    # The provider's id of the text that they wrote, or the id of the message that was refused.
    reference: str | None
    # Who told us, if it was not they: the id of a user, or the name of an operator.
    by: str | None
    note: str | None


class OptOut(TypedDict):
    """What is known of whether somebody wants texts."""
    number: Address
    # For each sender that the caller may use, and for all of them.
    states: list[ConsentState]
    # What was said of the senders that the caller looks after, the oldest first: the latest 100.
    # Keys need `consent:read` to see it.
    journal: list[ConsentEntry]


class OptOutRequest(TypedDict):
    """What somebody wants."""
    sender: NotRequired[SenderAddress | None]
    # How it is known: 1 to 500 characters.
    note: NotRequired[str | None]


class LiftedOptOut(OptOut):
    """What is known once an opt-out was lifted, and what that can do."""
    # The provider is known to refuse texts to the number, which nothing said here changes.
    refused_by_provider: bool
    # What lifting it here can do at the provider, and what it cannot.
    at_provider: str


class AssignTo(TypedDict):
    """To whom a text is given."""
    username: Username


# The id of a webhook.
EndpointId = str


# An `https` URL without user, password and fragment, at a host and a port that webhooks may go to
# here. It may have a secret in it, so treat it as one.
EndpointUrl = str


# What an event tells: a text was received; a message changed; a message was deleted.
EventType = Literal["message.received", "message.updated", "message.deleted"]


# Whether a webhook is told: `active`; `failing`, if it has taken nothing since it was last tried;
# `disabled`.
EndpointState = Literal["active", "failing", "disabled"]


# By what a webhook was disabled: its `owner`; `gone`, its answer 410; `failing`, five days of
# nothing but failures.
DisabledBy = Literal["owner", "gone", "failing"]


class Webhook(TypedDict):
    """A webhook, and how far it was told."""
    id: EndpointId
    url: EndpointUrl
    description: str
    # What it is told of.
    events: list[EventType]
    # It is told only of messages with all of these.
    tags: Tags
    created_at: Timestamp
    state: EndpointState
    disabled_at: Timestamp | None
    disabled_by: DisabledBy | None
    former_secret_until: Timestamp | None
    # It was told of what changed before.
    told_up_to: Timestamp
    taken_at: Timestamp | None
    failing_since: Timestamp | None
    next_attempt_at: Timestamp | None
    # Messages of which it has not taken the latest event, and which are tried again.
    pending: int
    # Messages that are not tried again by themselves.
    set_aside: int


# `whsec_` and the base64 of 24 to 64 bytes: the key that events are signed with.
WebhookSecret = str


class NewWebhook(TypedDict):
    url: EndpointUrl
    description: NotRequired[str | None]
    # All, if it is left out.
    events: NotRequired[list[EventType] | None]
    tags: NotRequired[Tags | None]
    secret: NotRequired[WebhookSecret | None]


class WebhookWithSecret(Webhook):
    """A webhook with a secret that is not shown again."""
    secret: WebhookSecret


class WebhookDone(TypedDict):
    """What became of a webhook that is not shown any more."""
    message: str


class ChangedWebhook(TypedDict):
    """What is left out stays as it is."""
    url: NotRequired[EndpointUrl | None]
    description: NotRequired[str | None]
    events: NotRequired[list[EventType] | None]
    tags: NotRequired[Tags | None]


class NextSecret(TypedDict):
    secret: NotRequired[WebhookSecret | None]


# From where an enabled webhook goes on: from its `place`, or from `now`.
GoOnFrom = Literal["place", "now"]


Enable = TypedDict(
    'Enable',
    {
        'from': 'GoOnFrom',
    },
)


class Again(TypedDict):
    since: Moment


# Why there was no answer.
PostFailure = Literal["unknown_host", "forbidden", "unreachable", "tls", "timeout", "broken"]


class WebhookAnswer(TypedDict):
    """What was answered."""
    # The event counts as told.
    taken: bool
    # The HTTP status; null if there was no answer.
    status: int | None
    error: PostFailure | None


# What names an event wherever it is told: the `webhook-id`.
EventId = str


class WebhookTest(WebhookAnswer):
    """What came of the test of a webhook."""
    # The `webhook-id` that was sent.
    event: EventId
    duration_ms: int


# The type of an event: one of those that a webhook is told of, or a `test`.
AnyEventType = Literal["message.received", "message.updated", "message.deleted", "test"]


class WebhookDelivery(WebhookAnswer):
    """One attempt to tell a webhook of an event."""
    at: Timestamp
    # The `webhook-id`.
    event: EventId
    type: AnyEventType
    duration_ms: int


class SetAside(TypedDict):
    """A message whose event is not tried any more by itself."""
    message: MessageId
    # The version that was refused last.
    version: int
    # Since when it was refused.
    since: Timestamp
    # When it was set aside.
    at: Timestamp
    # How often it was tried.
    attempts: int
    # What was answered last.
    answer: WebhookAnswer


class Push(TypedDict):
    """Whether the caller's login is told of what comes in by its browser's push service."""
    # The `applicationServerKey` of this installation, which stays the same.
    public_key: str
    # Whether a browser is told that asked for it in this login.
    subscribed: bool
    # Whether it is told what was written, and not only by whom.
    with_text: bool


class WantedKeys(TypedDict):
    """With what the browser alone reads what it is told."""
    p256dh: str
    auth: str


class WantedPush(TypedDict):
    """What a browser's `PushSubscription` says of itself in `toJSON()`, and what its user wants."""
    # Where the browser's push service takes what it is told.
    endpoint: EndpointUrl
    keys: WantedKeys
    # Whether it is told what was written, and not only by whom.
    with_text: NotRequired[bool | None]


class PushDone(TypedDict):
    """What became of what a browser asked for."""
    message: str


class Health(TypedDict):
    # `ok` or `failing`.
    status: str


class Check(TypedDict):
    # `up`, `down`, of the process also `stopping`, of spending `spent` or `unknown`, of the inbox
    # `misconfigured` or `unknown`, of what was received `behind`, `off` or `unknown`.
    status: str
    reason: NotRequired[str | None]


class PauseLine(TypedDict):
    """The sender's key stays out of it: it holds our number and the credential's fingerprint."""
    code: str
    reason: str
    since: Timestamp


class ProviderCheck(TypedDict):
    # `up`, `paused` or `unknown`.
    status: str
    pauses: list[PauseLine]


class SenderLine(TypedDict):
    """Anybody may ask: those who know the sender recognise it."""
    # The end of its address.
    sender: str
    # `paused`; `slowed`, because the provider found it too fast; `spent`, because it has sent all
    # that it may in a day, or the rest is too little for what waits.
    state: str
    # Which part of its rate is left.
    percent: int | None
    until: Timestamp | None


class SendersCheck(TypedDict):
    # `up`, `limited` or `unknown`.
    status: str
    # Those that do not send at their rates.
    limited: list[SenderLine]


class Checks(TypedDict):
    process: Check
    store: Check
    queue: Check
    # `down` while this machine's clock cannot be trusted.
    clock: Check
    # `spent` while the limits of all users together refuse texts, `unknown` if the store does not
    # say.
    spending: Check
    # `misconfigured` while `DEFAULT_INBOX_USER` names nobody, `unknown` if the store does not say.
    inbox: Check
    # `behind` while texts to us may be missing that nobody here could be told of, `off` if they are
    # not looked for, `unknown` if they never were, or the store does not say.
    received: Check
    provider: ProviderCheck
    senders: SendersCheck


class Readiness(TypedDict):
    # `ready` or `not ready`.
    status: str
    checks: Checks


class ClientSettings(TypedDict):
    """What the web client has to know before anybody logs in."""
    # No text leaves the machine.
    simulated: bool
    # Where the simulator shows its phones, if there is one to show.
    simulator_page: str | None
    # Who may sign up: `open` (everybody), `invite` (who has an invite) or `closed` (nobody, though
    # an invite is good all the same).
    signup: str
    version: str
    # Changes with the files of the web client: a page that began with others loads itself again.
    web: str


class ConversationReadEvent(TypedDict):
    """The data of `conversation.read`: what was received from somebody has been seen, up to this
    message.
    """
    counterpart: Address
    up_to: MessageId


class DeletedEvent(TypedDict):
    """The data of `deleted`: this message is gone."""
    id: MessageId


class WebhookDisabledEvent(TypedDict):
    """The data of `webhook.disabled`: this webhook is called no more."""
    id: EndpointId
    disabled_at: Timestamp
    disabled_by: DisabledBy


class ReadyEvent(TypedDict):
    """The data of `ready`, which is empty: whatever changes from here on is told."""


class ResetEvent(TypedDict):
    """The data of `reset`, which is empty: too much has changed to be told one by one, so read the
    list again.
    """


class InboxEvent(TypedDict):
    """The data of `inbox`, which is empty: what belongs to nobody has changed, so read it again."""


class ConversationsMarkedEvent(TypedDict):
    """The data of `conversations.marked`, which is empty: what is noted on conversations has changed,
    so read their list again.
    """


# The data of an event: of `message` a message, of `conversation.read` up to where a conversation
# was read, of `deleted` its id, of `webhook.disabled` which webhook it is, of `opt_out.changed`
# what somebody wants, of `ready`, `reset`, `inbox` and `conversations.marked` nothing.
EventData = Union[Message, ConversationReadEvent, DeletedEvent, WebhookDisabledEvent, ListedOptOut, ReadyEvent, ResetEvent, InboxEvent, ConversationsMarkedEvent]


class EventMessage(Message):
    """A message as it is now, with what happened to it since it was told last."""
    # Oldest first.
    timeline: list[Step]
    # The version that was told before this one; null if none was. A receiver that has not got it
    # has missed something.
    previous_version: int | None


class MessageReceived(TypedDict):
    """A text was received."""
    type: Literal["message.received"]
    timestamp: Timestamp
    data: EventMessage


class MessageUpdated(TypedDict):
    """Something about a message changed."""
    type: Literal["message.updated"]
    timestamp: Timestamp
    data: EventMessage


class DeletedMessage(TypedDict):
    """What is left of a message that was deleted: how it ended, but not what was written, nor to whom."""
    id: MessageId
    version: int
    deleted_at: Timestamp | None
    # How far it had come. One that was being sent may still rise; then it is told once more.
    status: Status
    # The provider's number or a word of ours; always a string.
    error_code: str | None
    # What happened to it since it was told last, oldest first.
    timeline: list[Step]
    previous_version: int | None


class MessageDeleted(TypedDict):
    """A message was deleted."""
    type: Literal["message.deleted"]
    timestamp: Timestamp
    data: DeletedMessage


class TestData(TypedDict):
    """Which webhook it is."""
    webhook: EndpointId
    message: str


class TestEvent(TypedDict):
    """Somebody tries the endpoint."""
    type: Literal["test"]
    timestamp: Timestamp
    data: TestData
