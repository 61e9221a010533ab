//! Messages as documents. What a message does not have is absent from its document, never null.

use mongodb::bson;
use mysms_core::domain::{
    Address, Body, Class, Direction, Event, Idempotency, IdempotencyKey, Lease, LeaseToken, Media,
    Message, MessageId, PhoneNumber, Provider, ProviderId, Reference, Status, Tag, Tags,
    TimelineEntry, Timestamp, Turn, UserId, Zone,
};
use mysms_core::store::StoreError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An identifier as it is stored: binary of subtype 4, whose order is that of the bytes.
pub(super) fn stored(id: Uuid) -> bson::Uuid {
    bson::Uuid::from_bytes(id.into_bytes())
}

pub(super) fn date(at: Timestamp) -> bson::DateTime {
    bson::DateTime::from_millis(at.as_millis())
}

pub(super) fn timestamp(date: bson::DateTime) -> Timestamp {
    Timestamp::from_millis(date.timestamp_millis())
}

/// A message as it is written, straight to bytes: nothing is written as often.
#[derive(Serialize)]
pub(super) struct StoredMessage<'a> {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    /// Follows from the rest; for the index of conversations.
    position: bson::Uuid,
    owner: bson::Uuid,
    account: &'a str,
    direction: Direction,
    sent_at: bson::DateTime,
    version: u32,
    updated_at: bson::DateTime,
    expires_at: bson::DateTime,
    status: Status,
    rank: i32,
    not_before: bson::DateTime,
    attempts: u32,
    polls: u32,
    visible: bool,
    timeline: Vec<StoredEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<Turn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<&'a Media>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterpart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wake_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erase_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<bson::DateTime>,
    /// Absent while the provider has yet to erase the text, because the server removes a document so long
    /// after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<bson::DateTime>,
    /// The same, while it is absent for that reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    erasing_since: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_attempt_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_claim_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<LeaseDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<StoredProvider<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<bson::DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_of: Option<bson::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    /// Each as `key:value`, by which an index finds it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
}

#[derive(Serialize)]
struct StoredProvider<'a> {
    sid: &'a str,
    at: bson::DateTime,
    adopted: bool,
}

#[derive(Serialize)]
struct StoredEntry<'a> {
    at: bson::DateTime,
    event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl StoredMessage<'_> {
    /// The fields that are absent from a message that has no value for them.
    pub(super) const OPTIONAL: [&'static str; 27] = [
        "sender",
        "class",
        "turn",
        "time_zone",
        "recipient",
        "body",
        "media",
        "counterpart",
        "idempotency_key",
        "body_hash",
        "send_at",
        "wake_at",
        "erase_at",
        "delivered_at",
        "deleted_at",
        "erasing_since",
        "first_attempt_at",
        "last_claim_at",
        "unseen",
        "lease",
        "provider",
        "error_code",
        "assigned_at",
        "unread",
        "retry_of",
        "reference",
        "tags",
    ];
}

impl<'a> From<&'a Message> for StoredMessage<'a> {
    fn from(message: &'a Message) -> Self {
        let number = |number: &'a Option<PhoneNumber>| number.as_ref().map(PhoneNumber::as_str);
        let idempotency = message.idempotency.as_ref();
        let deleted_at = message.deleted_at.map(date);
        Self {
            id: stored(message.id.as_uuid()),
            position: stored(message.position().as_uuid()),
            owner: stored(message.owner.as_uuid()),
            account: &message.account,
            direction: message.direction,
            sent_at: date(message.sent_at),
            version: message.version,
            updated_at: date(message.updated_at),
            expires_at: date(message.expires_at),
            status: message.status,
            rank: i32::from(message.status.rank()),
            not_before: date(message.not_before),
            attempts: message.attempts,
            polls: message.polls,
            visible: message.visible,
            timeline: message.timeline.iter().map(StoredEntry::from).collect(),
            sender: message.sender.as_deref(),
            // What is usual is not written, but where the index of turns needs it.
            class: (message.turn.is_some() || message.class != Class::default())
                .then_some(message.class),
            turn: message.turn,
            time_zone: message.time_zone.as_ref().map(Zone::name),
            recipient: number(&message.recipient),
            body: stored_text(message.body.as_ref()),
            media: Some(&message.media).filter(|media| !media.is_empty()),
            counterpart: message.counterpart.as_ref().map(Address::as_str),
            idempotency_key: idempotency.map(|known| known.key.as_str()),
            body_hash: idempotency.map(|known| known.body_hash.as_str()),
            send_at: message.send_at.map(date),
            wake_at: message.wake_at.map(date),
            erase_at: message.erase_at.map(date),
            delivered_at: message.delivered_at.map(date),
            deleted_at: deleted_at.filter(|_| message.erase_at.is_none()),
            erasing_since: deleted_at.filter(|_| message.erase_at.is_some()),
            first_attempt_at: message.first_attempt_at.map(date),
            last_claim_at: message.last_claim_at.map(date),
            unseen: (message.unseen > 0).then_some(message.unseen),
            lease: message.lease.map(LeaseDocument::from),
            provider: message.provider.as_ref().map(StoredProvider::from),
            error_code: message.error_code.as_deref(),
            assigned_at: message.assigned_at.map(date),
            unread: message.unread.then_some(true),
            retry_of: message.retry_of.map(|id| stored(id.as_uuid())),
            reference: message.reference.as_ref().map(Reference::as_str),
            tags: message.tags.iter().map(Tag::as_str).collect(),
        }
    }
}

/// A text as it is stored; an empty one is absent.
pub(super) fn stored_text(body: Option<&Body>) -> Option<&str> {
    body.filter(|body| !body.is_empty()).map(Body::as_str)
}

impl<'a> From<&'a Provider> for StoredProvider<'a> {
    fn from(known: &'a Provider) -> Self {
        Self {
            sid: known.sid.as_str(),
            at: date(known.at),
            adopted: known.adopted,
        }
    }
}

impl<'a> From<&'a TimelineEntry> for StoredEntry<'a> {
    fn from(entry: &'a TimelineEntry) -> Self {
        Self {
            at: date(entry.at),
            event: entry.event,
            sid: entry.sid.as_ref().map(ProviderId::as_str),
            status: entry.status,
            code: entry.code.as_deref(),
            detail: entry.detail.as_deref(),
        }
    }
}

impl From<Lease> for LeaseDocument {
    fn from(lease: Lease) -> Self {
        Self {
            token: lease.token.map(|token| stored(token.as_uuid())),
            until: date(lease.until),
        }
    }
}

/// A message as it is read. A query may leave out the timeline, the body and the numbers; the
/// message is then one without them.
#[derive(Deserialize)]
pub(super) struct MessageDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    owner: bson::Uuid,
    account: String,
    direction: Direction,
    sender: Option<String>,
    #[serde(default)]
    class: Class,
    turn: Option<Turn>,
    time_zone: Option<Zone>,
    recipient: Option<PhoneNumber>,
    body: Option<Body>,
    #[serde(default)]
    media: Media,
    counterpart: Option<Address>,
    sent_at: bson::DateTime,
    assigned_at: Option<bson::DateTime>,
    #[serde(default)]
    unread: bool,
    send_at: Option<bson::DateTime>,
    /// Absent from those of an earlier program that have not changed since.
    #[serde(default)]
    version: u32,
    updated_at: bson::DateTime,
    expires_at: bson::DateTime,
    status: Status,
    not_before: bson::DateTime,
    wake_at: Option<bson::DateTime>,
    erase_at: Option<bson::DateTime>,
    lease: Option<LeaseDocument>,
    attempts: u32,
    first_attempt_at: Option<bson::DateTime>,
    last_claim_at: Option<bson::DateTime>,
    #[serde(default)]
    unseen: u32,
    provider: Option<ProviderDocument>,
    polls: u32,
    error_code: Option<String>,
    delivered_at: Option<bson::DateTime>,
    idempotency_key: Option<String>,
    body_hash: Option<String>,
    retry_of: Option<bson::Uuid>,
    reference: Option<Reference>,
    #[serde(default)]
    tags: Vec<String>,
    visible: bool,
    deleted_at: Option<bson::DateTime>,
    erasing_since: Option<bson::DateTime>,
    #[serde(default)]
    timeline: Vec<EntryDocument>,
}

#[derive(Serialize, Deserialize)]
struct LeaseDocument {
    /// Null between two looks at the provider's list.
    token: Option<bson::Uuid>,
    until: bson::DateTime,
}

#[derive(Deserialize)]
struct ProviderDocument {
    sid: ProviderId,
    at: bson::DateTime,
    adopted: bool,
}

#[derive(Deserialize)]
struct EntryDocument {
    at: bson::DateTime,
    event: Event,
    sid: Option<ProviderId>,
    status: Option<Status>,
    code: Option<String>,
    detail: Option<String>,
}

impl TryFrom<MessageDocument> for Message {
    type Error = StoreError;

    fn try_from(document: MessageDocument) -> Result<Self, Self::Error> {
        let idempotency = idempotency(document.idempotency_key, document.body_hash)?;
        let deleted_at = document.deleted_at.or(document.erasing_since);
        let tags = Tags::try_from(document.tags);
        let tags = tags.map_err(|error| StoreError::corrupt("tags", error))?;
        Ok(Self {
            id: MessageId::from_uuid(read(document.id)),
            owner: UserId::from_uuid(read(document.owner)),
            account: document.account,
            direction: document.direction,
            sender: document.sender,
            class: document.class,
            turn: document.turn,
            time_zone: document.time_zone,
            assigned_at: document.assigned_at.map(timestamp),
            unread: document.unread,
            recipient: document.recipient,
            body: Body::beside(&document.media, document.body),
            media: document.media,
            counterpart: document.counterpart,
            sent_at: timestamp(document.sent_at),
            send_at: document.send_at.map(timestamp),
            version: document.version,
            updated_at: timestamp(document.updated_at),
            expires_at: timestamp(document.expires_at),
            status: document.status,
            not_before: timestamp(document.not_before),
            wake_at: document.wake_at.map(timestamp),
            erase_at: document.erase_at.map(timestamp),
            lease: document.lease.map(Lease::from),
            attempts: document.attempts,
            first_attempt_at: document.first_attempt_at.map(timestamp),
            last_claim_at: document.last_claim_at.map(timestamp),
            unseen: document.unseen,
            provider: document.provider.map(Provider::from),
            polls: document.polls,
            error_code: document.error_code,
            delivered_at: document.delivered_at.map(timestamp),
            idempotency,
            retry_of: document.retry_of.map(|id| MessageId::from_uuid(read(id))),
            reference: document.reference,
            tags,
            visible: document.visible,
            deleted_at: deleted_at.map(timestamp),
            timeline: document
                .timeline
                .into_iter()
                .map(TimelineEntry::from)
                .collect(),
        })
    }
}

pub(super) fn read(id: bson::Uuid) -> Uuid {
    Uuid::from_bytes(id.bytes())
}

fn idempotency(
    key: Option<String>,
    body_hash: Option<String>,
) -> Result<Option<Idempotency>, StoreError> {
    let (Some(key), Some(body_hash)) = (key, body_hash) else {
        return Ok(None);
    };
    let key = IdempotencyKey::parse(&key)
        .map_err(|error| StoreError::corrupt("an idempotency key", error))?;
    Ok(Some(Idempotency { key, body_hash }))
}

impl From<LeaseDocument> for Lease {
    fn from(document: LeaseDocument) -> Self {
        Self {
            token: document
                .token
                .map(|token| LeaseToken::from_uuid(read(token))),
            until: timestamp(document.until),
        }
    }
}

impl From<ProviderDocument> for Provider {
    fn from(document: ProviderDocument) -> Self {
        Self {
            sid: document.sid,
            at: timestamp(document.at),
            adopted: document.adopted,
        }
    }
}

impl From<EntryDocument> for TimelineEntry {
    fn from(document: EntryDocument) -> Self {
        Self {
            at: timestamp(document.at),
            event: document.event,
            sid: document.sid,
            status: document.status,
            code: document.code,
            detail: document.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use mysms_core::domain::{Claim, Claimant, Fact, MediaUrl, Medium, NewMessage, ProviderStatus};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn fields(message: &Message) -> BTreeSet<String> {
        let document = bson::serialize_to_document(&StoredMessage::from(message)).unwrap();
        document.keys().cloned().collect()
    }

    /// A message with as much as one can have at a time: the lease goes with what comes after it.
    fn full() -> [Message; 3] {
        let id = MessageId::generate(NOW);
        let mut sending = Message::from(NewMessage {
            id,
            owner: UserId::generate(NOW),
            account: "AC1".to_owned(),
            sender: Some("+15005550006".to_owned()),
            class: Class::default(),
            turn: Some(Turn::FIRST),
            recipient: PhoneNumber::parse("+14155550123").unwrap(),
            body: Body::parse("hello".to_owned()).unwrap(),
            media: Media::of([Medium::at(
                MediaUrl::parse("https://x/0".to_owned()).unwrap(),
            )])
            .unwrap(),
            sent_at: NOW,
            send_at: Some(NOW),
            time_zone: Some(Zone::parse("Europe/Berlin").unwrap()),
            not_before: None,
            wake_at: NOW,
            expires_at: NOW + Duration::from_hours(4),
            idempotency: Some(Idempotency::of_retry(id)),
            retry_of: Some(id),
            reference: Some(Reference::parse("order 17".to_owned()).unwrap()),
            tags: Tags::of([Tag::parse("shop:1").unwrap()]).unwrap(),
        });
        let by = Claimant {
            account: "AC1",
            sender: "+15005550006",
            others: &[],
        };
        let claim = Claim {
            token: LeaseToken::generate(),
            now: NOW,
            until: NOW + Duration::from_mins(1),
        };
        sending.claimable(by, NOW).unwrap().claim(claim);
        sending.unseen = 1;
        let mut ended = sending.clone();
        ended.apply_fact(&Fact {
            message: Some(id),
            sid: ProviderId::parse("SM1").unwrap(),
            account: "AC1".to_owned(),
            status: ProviderStatus::DELIVERED,
            code: Some("30003".to_owned()),
            detail: None,
            at: NOW,
            poll_at: None,
        });
        ended.assigned_at = Some(NOW);
        ended.unread = true;
        ended.deleted_at = Some(NOW);
        let mut erasing = ended.clone();
        erasing.erase_at = Some(NOW);
        [sending, ended, erasing]
    }

    #[test]
    fn whatever_a_message_may_have_no_more_is_taken_away() {
        let [sending, ended, erasing] = full();
        let mut least = sending.clone();
        least.sender = None;
        least.turn = None;
        least.time_zone = None;
        least.recipient = None;
        least.body = None;
        least.media = Media::default();
        least.counterpart = None;
        least.idempotency = None;
        least.send_at = None;
        least.wake_at = None;
        least.first_attempt_at = None;
        least.last_claim_at = None;
        least.unseen = 0;
        least.lease = None;
        least.retry_of = None;
        least.reference = None;
        least.tags = Tags::default();
        let most: BTreeSet<_> = [sending, ended, erasing].iter().flat_map(fields).collect();
        let optional: BTreeSet<_> = most.difference(&fields(&least)).cloned().collect();
        assert_eq!(optional, StoredMessage::OPTIONAL.map(str::to_owned).into());
    }
}
