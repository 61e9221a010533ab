//! Conditions that several queries have in common.

use mongodb::bson::{Document, doc};
use mysms_core::domain::{IdempotencyKey, Lane, MessageId, Timestamp, UserId};

use super::document::{date, stored};

/// Matches one message.
pub(super) fn named(id: MessageId) -> Document {
    doc! { "_id": stored(id.as_uuid()) }
}

/// Matches the message for which its owner used a key.
pub(super) fn keyed(owner: UserId, key: &IdempotencyKey) -> Document {
    doc! { "owner": stored(owner.as_uuid()), "idempotency_key": key.as_str() }
}

/// Matches the messages of a lane. All of them have an alarm, which the lanes' index has to be told.
pub(super) fn open_in(account: &str, lane: Lane) -> Document {
    let statuses = lane.statuses().iter().map(|status| status.as_str());
    doc! {
        "account": account,
        "status": { "$in": statuses.collect::<Vec<_>>() },
        "wake_at": { "$gte": date(Timestamp::EPOCH) },
    }
}

/// Matches a message of its owner that is not deleted.
pub(super) fn of_owner(owner: UserId, id: MessageId) -> Document {
    let mut filter = all_of(owner);
    filter.insert("_id", stored(id.as_uuid()));
    filter
}

/// Matches all messages of their owner that are not deleted.
pub(super) fn all_of(owner: UserId) -> Document {
    doc! { "owner": stored(owner.as_uuid()), "visible": true }
}

/// Matches what an owner has not seen.
pub(super) fn unread_of(owner: UserId) -> Document {
    doc! { "owner": stored(owner.as_uuid()), "unread": true }
}

/// A condition on an id.
pub(super) fn among(ids: &[MessageId]) -> Document {
    let ids: Vec<_> = ids.iter().map(|id| stored(id.as_uuid())).collect();
    doc! { "$in": ids }
}
