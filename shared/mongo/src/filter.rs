//! Conditions that several queries have in common.

use mongodb::bson::{Document, doc};
use mysms_core::domain::{IdempotencyKey, Lane, MessageId, Timestamp, UserId};

use super::document::{date, stored};
use super::index::Index;

/// Matches one message.
pub(super) fn named(id: MessageId) -> Document {
    doc! { "_id": stored(id.as_uuid()) }
}

/// Matches the message for which its owner used a key.
pub(super) fn keyed(owner: UserId, key: &IdempotencyKey) -> Document {
    doc! { "owner": stored(owner.as_uuid()), "idempotency_key": key.as_str() }
}

/// Matches the messages of a lane. All of them have an alarm, which the lane's index has to be told.
pub(super) fn open_in(account: &str, lane: Lane) -> Document {
    let mut lane_of = within(account, lane);
    lane_of.insert(alarm(lane), doc! { "$gte": date(Timestamp::EPOCH) });
    lane_of
}

/// Matches the messages of a lane whose alarm has rung.
pub(super) fn rung_in(account: &str, lane: Lane, now: Timestamp) -> Document {
    let mut rung = within(account, lane);
    rung.insert(alarm(lane), doc! { "$lte": date(now) });
    rung
}

fn within(account: &str, lane: Lane) -> Document {
    let mut filter = doc! { "account": account };
    let statuses = lane.statuses().iter().map(|status| status.as_str());
    if lane != Lane::Erase {
        filter.insert("status", doc! { "$in": statuses.collect::<Vec<_>>() });
    }
    filter
}

/// The field of a lane's alarms.
pub(super) fn alarm(lane: Lane) -> &'static str {
    if lane == Lane::Erase {
        "erase_at"
    } else {
        "wake_at"
    }
}

/// The index that lists a lane.
pub(super) fn index_of(lane: Lane) -> Index {
    if lane == Lane::Erase {
        Index::Erasing
    } else {
        Index::Lanes
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
