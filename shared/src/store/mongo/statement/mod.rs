//! The statements of the ledger, as pure functions of their arguments, so that they are the same
//! whether they are sent one by one or many in one command.

mod attempt;
mod fact;
mod poll;
mod restored;
mod withdrawal;

use mongodb::bson::{self, Bson, Document, bson, doc};
use mongodb::options::UpdateModifications;

use super::document;
use crate::domain::{
    IdempotencyKey, Lane, LeaseToken, MessageId, Status, TIMELINE_LIMIT, Timestamp, UserId,
};

pub(super) use attempt::{claim, expire, settle, take_resolve};
pub(super) use fact::{adopt, fact_about_owned, fact_to_named, facts_to_named, surplus};
pub(super) use poll::{next_poll, push_alarm, take_poll};
pub(super) use restored::{doubt, doubtful};
pub(super) use withdrawal::{cancel, delete, read, refuse_opted_out};

/// A change to those messages that match a condition.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) filter: Document,
    pub(super) update: UpdateModifications,
}

impl Statement {
    fn new(filter: Document, update: impl Into<UpdateModifications>) -> Self {
        Self {
            filter,
            update: update.into(),
        }
    }

    /// As a part of an `update` command, for all messages that match; the index of ids is named,
    /// lest the server tries others first.
    pub(super) fn into_update(self) -> bson::error::Result<Document> {
        let update = bson::serialize_to_bson(&self.update)?;
        Ok(doc! { "q": self.filter, "u": update, "multi": true, "hint": { "_id": 1 } })
    }
}

/// Matches one message.
pub(super) fn named(id: MessageId) -> Document {
    doc! { "_id": document::stored(id.as_uuid()) }
}

/// Matches the message for which its owner used a key.
pub(super) fn keyed(owner: UserId, key: &IdempotencyKey) -> Document {
    doc! { "owner": document::stored(owner.as_uuid()), "idempotency_key": key.as_str() }
}

/// Matches those of some messages that a token holds.
pub(super) fn held_among(ids: &[MessageId], token: LeaseToken) -> Document {
    doc! {
        "_id": among(ids),
        "status": Status::Sending.as_str(),
        "lease.token": document::stored(token.as_uuid()),
    }
}

/// Matches the messages of a lane. All of them have an alarm, which the lanes' index has to be told.
pub(super) fn open_in(account: &str, lane: Lane) -> Document {
    let statuses = lane.statuses().iter().map(|status| status.as_str());
    doc! {
        "account": account,
        "status": { "$in": statuses.collect::<Vec<_>>() },
        "wake_at": { "$gte": document::date(Timestamp::EPOCH) },
    }
}

/// Matches a message of its owner that is not deleted.
pub(super) fn of_owner(owner: UserId, id: MessageId) -> Document {
    doc! {
        "_id": document::stored(id.as_uuid()),
        "owner": document::stored(owner.as_uuid()),
        "visible": true,
    }
}

pub(super) fn among(ids: &[MessageId]) -> Document {
    let ids: Vec<_> = ids
        .iter()
        .map(|id| document::stored(id.as_uuid()))
        .collect();
    doc! { "$in": ids }
}

fn held(id: MessageId, token: LeaseToken) -> Document {
    held_among(&[id], token)
}

/// The fields that say where a message is.
fn status(status: Status) -> Document {
    doc! { "status": status.as_str(), "rank": document::rank(status) }
}

fn lease(token: Option<LeaseToken>, until: Timestamp) -> Document {
    let token = token.map(|token| document::stored(token.as_uuid()));
    doc! { "token": token, "until": document::date(until) }
}

fn timeline_limit() -> i64 {
    i64::try_from(TIMELINE_LIMIT).unwrap_or(i64::MAX)
}

/// In a pipeline, assigning this removes the field.
const REMOVE: &str = "$$REMOVE";

/// In a pipeline, a value that is not looked at for field names and operators.
fn literal(value: impl Into<Bson>) -> Bson {
    bson!({ "$literal": value.into() })
}

fn cond(condition: impl Into<Bson>, then: impl Into<Bson>, otherwise: impl Into<Bson>) -> Bson {
    bson!({ "$cond": [condition.into(), then.into(), otherwise.into()] })
}

/// In a pipeline, the timeline with an entry (an expression) appended.
fn appended(entry: impl Into<Bson>) -> Bson {
    bson!({ "$slice": [{ "$concatArrays": ["$timeline", [entry.into()]] }, -timeline_limit()] })
}

/// In a pipeline, what a message keeps of its content if `kept` (an expression) holds.
fn content_kept_if(kept: impl Into<Bson>) -> Document {
    let kept = kept.into();
    ["body", "recipient", "counterpart"]
        .into_iter()
        .map(|field| {
            let value = cond(kept.clone(), format!("${field}"), REMOVE);
            (field.to_owned(), value)
        })
        .collect()
}

/// In a pipeline, what moves with every change that the message's user sees. The time goes on even if
/// the clock that says `at` (an expression) is behind the one that marked the change before.
fn touched(at: impl Into<Bson>) -> Document {
    let later = bson!({ "$add": ["$updated_at", 1] });
    doc! { "version": next_version(), "updated_at": { "$max": [at.into(), later] } }
}

/// In a pipeline, the same if a condition holds, and nothing otherwise.
fn touched_if(condition: impl Into<Bson>, at: impl Into<Bson>) -> Document {
    let condition = condition.into();
    touched(at)
        .into_iter()
        .map(|(field, moved)| {
            let as_it_was = format!("${field}");
            (field, cond(condition.clone(), moved, as_it_was))
        })
        .collect()
}

/// In a pipeline, some fields with new values (expressions), and with them the version if that changes
/// one of them. No user sees these.
fn set_silently(fields: Document) -> Vec<Document> {
    let differs = |(field, value): (&String, &Bson)| {
        let or_null = |value: Bson| doc! { "$ifNull": [value, Bson::Null] };
        doc! { "$ne": [or_null(format!("${field}").into()), or_null(value.clone())] }
    };
    let changed: Vec<_> = fields.iter().map(differs).collect();
    let version = cond(doc! { "$or": changed }, next_version(), "$version");
    vec![doc! { "$set": merged([fields, doc! { "version": version }]) }]
}

/// In a pipeline, the version of a message that changes. A document of an earlier program has none.
fn next_version() -> Bson {
    bson!({ "$add": [{ "$ifNull": ["$version", 0] }, 1] })
}

fn merged(documents: impl IntoIterator<Item = Document>) -> Document {
    documents.into_iter().flatten().collect()
}
