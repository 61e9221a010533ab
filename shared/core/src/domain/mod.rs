//! The rules of messaging without any I/O: what a user, a phone number, a text and a status are,
//! and what may happen to a message.

mod act;
mod address;
mod body;
mod browser;
mod catch_up;
mod class;
mod consent;
mod contact;
mod content;
mod country;
mod endpoint;
mod erasure;
mod fact;
mod failure;
mod holder;
mod ids;
mod inbound;
mod invite;
mod key;
mod labels;
mod line;
mod marks;
mod media;
mod message;
mod number_part;
mod opening;
mod phone;
mod place;
mod position;
mod quiet;
mod registry;
mod restored;
mod retry;
mod revocation;
mod sandbox;
mod sender;
mod session;
mod settings;
mod smart;
mod status;
mod template;
mod time;
mod timeline;
mod transition;
mod upload;
mod user;
mod zone;

pub use act::Act;
pub use address::{Address, AddressKind, InvalidAddress, InvalidRecipient, LONGEST_ADDRESS};
pub use body::{Body, Cost, Encoding, FOREIGN_LISTED, Foreign, InvalidBody, check_words};
pub use browser::{Browser, BrowserKeys, Browsers, InvalidBrowserKey, MOST_BROWSERS};
pub use catch_up::{CatchUp, LISTED_AGAIN, ListFailure, Stretch};
pub use class::{Class, InvalidWeight, PerClass, Turn, UnknownClass, Weight};
pub use consent::{
    ALL_SENDERS, Consent, ConsentEntry, ConsentSource, Evidence, InvalidNote, JournalPlace,
    LONGEST_NOTE, Note, Standing, Wish, all_senders_beside, is_all_senders, scopes_of,
};
pub use contact::{
    Contact, ContactLabels, ContactName, ContactNote, InvalidContactLabels, InvalidContactName,
    InvalidContactNote, LONGEST_CONTACT_NAME, LONGEST_CONTACT_NOTE, LONGEST_LABEL, MOST_CONTACTS,
    MOST_LABELS,
};
pub use content::Content;
pub use country::{Country, UnknownCountry};
pub use endpoint::{
    Answer, Aside, Attempt, Attempts, Description, DisabledBy, Endpoint, EndpointLease,
    EndpointState, EndpointUrl, EventType, EventTypes, Failing, InvalidDescription,
    InvalidEndpointUrl, InvalidEventTypes, InvalidSecret, LISTED_ATTEMPTS, MOST_ASIDE,
    MOST_ENDPOINTS, MOST_PENDING, Pending, PostFailure, Progress, REPEATED_FOR, ROTATED_WITHIN,
    Refusal, RefusedEvent, Replay, Secret, Secrets, TOLD_KEPT, Telling, Trouble, UnknownEventType,
    event_id,
};
pub use erasure::{ERASED_AFTER, Erasure, LOOKED_BACK, Taken};
pub use fact::{Fact, ProviderStatus};
pub use failure::OwnError;
pub use holder::{ANSWERED_WITHIN, Exchange, KEPT, Left, MOST_EXCHANGED};
pub use ids::{
    ActId, EndpointId, InvalidProviderId, LeaseToken, MessageId, Position, ProviderId, SessionId,
    TemplateId, TokenId, UploadId, UserId,
};
pub use inbound::{Inbound, Receiver};
pub use invite::{InvalidInviteName, Invite, InviteCode, InviteHash, InviteName, KnownInvite};
pub use key::{
    ApiKey, Grant, InvalidKeyName, KeyId, KeyName, KeyToken, MOST_KEY_SENDERS, MOST_KEYS,
    MOST_RECIPIENTS, Mode, Scope, SecretHash, UnknownMode, UnknownScope,
};
pub use labels::{InvalidReference, InvalidTag, InvalidTags, MOST_TAGS, Reference, Tag, Tags};
pub use line::{Allowance, Begun, Line, LineId, SLICE, Share, Slot, Terms};
pub use marks::{MOST_MARKED, MOST_PINNED, Mark, Marks, Unmarked};
pub use media::{
    ContentType, InvalidContentType, InvalidMediaUrl, Learned, MOST_MEDIA, Media, MediaUrl, Medium,
    TooManyMedia,
};
pub use message::{
    Direction, Idempotency, IdempotencyKey, InvalidIdempotencyKey, Lease, Message, NewMessage,
    Provider, Step,
};
pub use number_part::{InvalidNumberPart, NumberPart};
pub use opening::{opening, quiet_rules, rests_until};
pub use phone::{InvalidPhoneNumber, PhoneNumber};
pub use place::Place;
pub use quiet::{
    Days, InvalidQuietHours, InvalidTimeOfDay, MOST_WINDOWS, OPENS_WITHIN, QuietHours, TimeOfDay,
    Weekday, Window, open_from,
};
pub use registry::{NoSender, Registry, Wanted};
pub use restored::Restored;
pub use revocation::{IssuedToken, Revocation};
pub use sandbox::{SANDBOX_ACCOUNT, SANDBOX_FAILING, SANDBOX_SENDER};
pub use sender::{
    DailyCap, InboundRule, InvalidRate, InvalidSenderAddress, Rate, Sender, SenderAddress,
    SenderKind, SenderState,
};
pub use session::{Cookie, Origin, Renewal, Session, Showing};
pub use settings::{Right, UserSettings};
pub use smart::{Change, Smart, smart};
pub use status::{Lane, Status, UnknownStatus};
pub use template::{
    InvalidTemplateName, InvalidTemplateText, LONGEST_FIELD_NAME, LONGEST_TEMPLATE_NAME,
    MOST_TEMPLATES, Template, TemplateName, TemplateText, Unfilled, is_field_name,
};
pub use time::{InvalidTimestamp, Timestamp};
pub use timeline::{Event, TIMELINE_LIMIT, TimelineEntry, UnknownEvent};
pub use transition::{
    Absence, Claim, Claimable, Claimant, FactEffect, Held, NextPoll, NotSent, Settlement,
};
pub use upload::{MOST_UPLOADED, UPLOAD_PART, Upload, UploadSecret};
pub use user::{
    InvalidUsername, KnownNetworks, NetworkMark, NewUser, User, Username, UsernameHash,
};
pub use zone::{InvalidLocalTime, LocalTime, UnknownZone, Zone};

/// How far ahead of its time a message may be claimed or polled, so that a fresh message never
/// depends on two clocks agreeing.
pub const CLAIM_SLACK: std::time::Duration = std::time::Duration::from_secs(2);

/// A message with less than this left is expired instead of sent: the provider could not deliver it
/// in time anyway.
pub const EXPIRY_MARGIN: std::time::Duration = std::time::Duration::from_secs(5);

/// How long a tombstone keeps its SID and its idempotency key.
pub const TOMBSTONE_KEPT: std::time::Duration = std::time::Duration::from_hours(7 * 24);

/// How far the alarm of a message that was found due with nothing to do is moved.
pub const ALARM_PUSH: std::time::Duration = std::time::Duration::from_hours(1);
