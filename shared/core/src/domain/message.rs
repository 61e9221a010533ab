//! A message: one document that carries its own status, alarm clock and lease.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::timeline::{Event, TimelineEntry};
use super::{
    Address, Body, CLAIM_SLACK, Class, Lane, LeaseToken, Media, MessageId, PhoneNumber, ProviderId,
    Reference, Status, Tags, Timestamp, Turn, UserId, Zone,
};

/// A message as the ledger holds it.
///
/// The invariants that every operation keeps: a lease is present exactly while `status` is
/// `sending`; a terminal message has no alarm; a `queued` or `sending` one has one; only a tombstone that
/// has a SID and is not `sending` has an `erase_at`; from `accepted`
/// on, but for `canceled` and `failed`, it has a SID, which never changes; the status never goes back
/// except from `sending` to `queued` by the holder of the lease; and a `queued` one that has a turn may
/// leave now and has its alarm at `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub owner: UserId,
    /// The provider account that the message was accepted for; never changes.
    pub account: String,
    pub direction: Direction,
    /// The number or the Messaging Service that it is to be sent from; once an attempt has begun, the
    /// one of the latest attempt. Absent from those of earlier versions, and from received ones.
    pub sender: Option<String>,
    pub class: Class,
    /// Its place in the order in which texts leave a sender that has a rate. Kept once it has left.
    pub turn: Option<Turn>,
    /// Where its recipient is, as far as quiet hours are concerned, if its user said so or it was known.
    pub time_zone: Option<Zone>,
    /// Our number, if it was received. Absent once a deleted message needs it no more.
    pub recipient: Option<PhoneNumber>,
    /// Absent once a deleted message needs it no more, and if nothing is known of it. That of one which is
    /// media alone is empty.
    pub body: Option<Body>,
    /// The files that it brings. Erased with the text.
    pub media: Media,
    /// The other party of the conversation: the recipient of what we send, who wrote what we received.
    pub counterpart: Option<Address>,
    /// When the user sent it, or when it was received; the time in its id.
    pub sent_at: Timestamp,
    /// When it was given to its user, if it belonged to nobody before.
    pub assigned_at: Option<Timestamp>,
    /// It was received and its user has not seen it.
    pub unread: bool,
    /// When it was to be sent, if not at once.
    pub send_at: Option<Timestamp>,
    /// How often it has changed; 0 if it has not since an earlier version of this program stored it. Of
    /// two states of a message the one with the higher version is the newer one.
    pub version: u32,
    /// When its user could see it change last. It never goes back, whatever the clocks say.
    pub updated_at: Timestamp,
    /// After this it is not sent any more.
    pub expires_at: Timestamp,
    pub status: Status,
    /// The earliest moment at which the next step may start.
    pub not_before: Timestamp,
    /// The alarm: from when on any worker may find it.
    pub wake_at: Option<Timestamp>,
    /// From when on any worker may erase a tombstone's text at the provider, which has it still. A second
    /// alarm, in a lane of its own.
    pub erase_at: Option<Timestamp>,
    pub lease: Option<Lease>,
    /// Attempts begun.
    pub attempts: u32,
    /// The start of the first attempt; never reset, because the provider's list is searched from it.
    pub first_attempt_at: Option<Timestamp>,
    /// The start of the latest attempt, or when it can have been at the latest.
    pub last_claim_at: Option<Timestamp>,
    /// Complete looks at the provider's list since the last claim that did not show it.
    pub unseen: u32,
    pub provider: Option<Provider>,
    /// Answered polls.
    pub polls: u32,
    pub error_code: Option<String>,
    pub delivered_at: Option<Timestamp>,
    pub idempotency: Option<Idempotency>,
    /// The message that this one is a replay of.
    pub retry_of: Option<MessageId>,
    /// What its user's program calls it. Erased with the text.
    pub reference: Option<Reference>,
    /// What its user's program noted on it. Erased with the text.
    pub tags: Tags,
    /// False for a tombstone.
    pub visible: bool,
    pub deleted_at: Option<Timestamp>,
    /// Oldest first, the last [`super::TIMELINE_LIMIT`] entries.
    pub timeline: Vec<TimelineEntry>,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Outbound,
    Inbound,
}

impl Direction {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
        }
    }
}

/// The right to act on a message that is `sending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Absent between two looks at the provider's list, when nobody holds it.
    pub token: Option<LeaseToken>,
    pub until: Timestamp,
}

/// What ties a message to the provider's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub sid: ProviderId,
    /// When the SID was recorded.
    pub at: Timestamp,
    /// The SID came from the provider's list, not from an answer or a callback; see also
    /// [`Message::is_recovered`].
    pub adopted: bool,
}

/// What makes a client's repeated request recognisable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    pub key: IdempotencyKey,
    /// Hexadecimal SHA-256 of what the request asked for.
    pub body_hash: String,
}

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

#[derive(Debug, thiserror::Error)]
#[error("must be 1 to 255 visible ASCII characters")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let valid = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        valid
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidIdempotencyKey)
    }

    /// The key of the one retry of a message.
    pub fn of_retry(id: MessageId) -> Self {
        Self(format!("retry-of-{id}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message about to be stored. The caller makes the id, so that an insert may be repeated after an
/// unclear answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    pub id: MessageId,
    pub owner: UserId,
    pub account: String,
    /// The number or the Messaging Service to send from.
    pub sender: Option<String>,
    pub class: Class,
    /// Of one that may leave now, from a sender that has a rate.
    pub turn: Option<Turn>,
    pub recipient: PhoneNumber,
    /// Empty only if there are media.
    pub body: Body,
    pub media: Media,
    /// The time that `id` was made at.
    pub sent_at: Timestamp,
    /// When to send it, if not at once.
    pub send_at: Option<Timestamp>,
    pub time_zone: Option<Zone>,
    /// Not sent before, if it has to wait although its user did not ask for that.
    pub not_before: Option<Timestamp>,
    /// The alarm of a message to be sent at once: until then its job has the right of way. Not
    /// later than `expires_at`.
    pub wake_at: Timestamp,
    pub expires_at: Timestamp,
    pub idempotency: Option<Idempotency>,
    pub retry_of: Option<MessageId>,
    pub reference: Option<Reference>,
    pub tags: Tags,
}

#[cfg(any(test, feature = "testing"))]
impl NewMessage {
    /// A text of a user of its own, to be sent at once and within an hour.
    #[expect(clippy::expect_used, reason = "both are good, and it is for tests")]
    pub fn example(at: Timestamp) -> Self {
        Self {
            id: MessageId::generate(at),
            owner: UserId::generate(at),
            account: "AC1".to_owned(),
            sender: None,
            class: Class::default(),
            turn: None,
            recipient: PhoneNumber::parse("+14155550123").expect("a number"),
            body: Body::parse("hello".to_owned()).expect("a text"),
            media: Media::default(),
            sent_at: at,
            send_at: None,
            time_zone: None,
            not_before: None,
            wake_at: at,
            expires_at: at + std::time::Duration::from_hours(1),
            idempotency: None,
            retry_of: None,
            reference: None,
            tags: Tags::default(),
        }
    }
}

impl From<NewMessage> for Message {
    fn from(new: NewMessage) -> Self {
        let starts_at = new.send_at.max(new.not_before);
        // Who has to wait gets a turn when that is over.
        let turn = new.turn.filter(|_| starts_at <= Some(new.sent_at));
        // Whoever has a turn is found by it, and the alarm tells that it was not sent in time.
        let wake_at = match turn {
            Some(_) => new.expires_at,
            None => starts_at.unwrap_or(new.wake_at),
        };
        Self {
            sender: new.sender,
            counterpart: Some(new.recipient.clone().into()),
            recipient: Some(new.recipient),
            body: Some(new.body),
            media: new.media,
            send_at: new.send_at,
            expires_at: new.expires_at,
            not_before: starts_at.unwrap_or(Timestamp::EPOCH),
            wake_at: Some(wake_at),
            class: new.class,
            turn,
            time_zone: new.time_zone,
            idempotency: new.idempotency,
            retry_of: new.retry_of,
            reference: new.reference,
            tags: new.tags,
            timeline: vec![
                TimelineEntry::new(new.sent_at, Event::Queued).with_status(Status::Queued),
            ],
            ..Self::bare(new.id, new.owner, new.account, new.sent_at)
        }
    }
}

impl Message {
    /// What is the same for all messages when they are made: `queued` to be sent at once, with nothing
    /// said or done yet.
    pub(super) fn bare(id: MessageId, owner: UserId, account: String, sent_at: Timestamp) -> Self {
        Self {
            id,
            owner,
            account,
            direction: Direction::Outbound,
            sender: None,
            class: Class::default(),
            turn: None,
            time_zone: None,
            recipient: None,
            body: None,
            media: Media::default(),
            counterpart: None,
            sent_at,
            assigned_at: None,
            unread: false,
            send_at: None,
            version: 1,
            updated_at: sent_at,
            expires_at: sent_at,
            status: Status::Queued,
            not_before: sent_at,
            wake_at: None,
            erase_at: None,
            lease: None,
            attempts: 0,
            first_attempt_at: None,
            last_claim_at: None,
            unseen: 0,
            provider: None,
            polls: 0,
            error_code: None,
            delivered_at: None,
            idempotency: None,
            retry_of: None,
            reference: None,
            tags: Tags::default(),
            visible: true,
            deleted_at: None,
            timeline: Vec::new(),
        }
    }
}

/// What is to be done with a message at a given moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was not sent in time.
    Expire,
    /// Claim it and send it.
    Claim,
    /// Its outcome is unknown: look for it in the provider's list.
    Resolve,
    /// Ask the provider for its status.
    Poll,
    /// Nothing now.
    Rest,
}

impl Message {
    /// Decides by `not_before` and the lease, never by the alarm: a fresh message's alarm is still
    /// ahead when its job arrives.
    pub fn next_step(&self, now: Timestamp) -> Step {
        let due = self.not_before <= now + CLAIM_SLACK;
        match self.status {
            _ if self.is_expired(now) => Step::Expire,
            Status::Queued if self.visible && due => Step::Claim,
            Status::Sending if self.lease_is_over(now) => Step::Resolve,
            Status::Accepted | Status::Sent if self.visible && due && self.wake_at.is_some() => {
                Step::Poll
            }
            _ => Step::Rest,
        }
    }

    /// Its alarm in a lane in which it was found.
    pub fn alarm(&self, lane: Lane) -> Option<Timestamp> {
        match lane {
            Lane::Erase => self.erase_at,
            Lane::Send | Lane::Resolve | Lane::Poll => self.wake_at,
        }
    }

    /// When it may leave at the earliest, if it may not at once. Of one that waits no more only what its
    /// user said is left.
    pub fn starts_at(&self) -> Option<Timestamp> {
        match self.status {
            Status::Queued => Some(self.not_before).filter(|at| *at > self.sent_at),
            _ => self.send_at,
        }
    }

    /// Whether it was received while nobody here could be told, and found in the provider's list.
    pub fn is_recovered(&self) -> bool {
        let found = self.provider.as_ref().is_some_and(|known| known.adopted);
        self.direction == Direction::Inbound && found
    }

    pub(super) fn lease_is_over(&self, now: Timestamp) -> bool {
        self.lease.is_some_and(|lease| lease.until <= now)
    }

    /// When its user got it, if it was received.
    pub fn arrived_at(&self) -> Timestamp {
        self.assigned_at.unwrap_or(self.sent_at)
    }

    /// Since when it is here, if it was received and nothing has happened to it since but that its user has
    /// seen it.
    pub fn only_seen_since(&self) -> Option<Timestamp> {
        let only_seen = self.direction == Direction::Inbound && self.visible && !self.unread;
        let heard_of = self.provider.as_ref().map(|known| known.at);
        // The first version is the one in which it came, the second one is the next change.
        heard_of.filter(|_| only_seen && self.version == 2)
    }

    /// The number or service of ours that it was exchanged with, if it tells.
    pub fn our_address(&self) -> Option<&str> {
        let written_to = self
            .recipient
            .as_ref()
            .filter(|_| self.direction == Direction::Inbound);
        let number = written_to.map(PhoneNumber::as_str);
        number.or(self.sender.as_deref())
    }

    /// Whether both are the same request, so that storing one is storing the other.
    pub fn is_same_request(&self, other: &Self) -> bool {
        self.id == other.id
            && self.owner == other.owner
            && self.sent_at == other.sent_at
            && self.idempotency == other.idempotency
    }
}
