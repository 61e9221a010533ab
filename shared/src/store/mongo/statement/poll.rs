//! The alarms of messages that the provider has.

use mongodb::bson::{Document, doc};

use super::{Statement, cond, named};
use crate::domain::{ALARM_PUSH, CLAIM_SLACK, Lane, MessageId, NextPoll, Status, Timestamp};
use crate::store::mongo::document::date;

/// Takes a message whose status is overdue in order to ask for it.
pub(in crate::store::mongo) fn take_poll(
    id: MessageId,
    now: Timestamp,
    until: Timestamp,
) -> Statement {
    let mut filter = awaiting_status(id);
    filter.insert("not_before", doc! { "$lte": date(now + CLAIM_SLACK) });
    let taken = doc! { "not_before": date(until), "wake_at": date(until) };
    Statement::new(filter, doc! { "$set": taken })
}

/// Sets the alarm for the next poll.
pub(in crate::store::mongo) fn next_poll(id: MessageId, next: NextPoll) -> Statement {
    let mut set = doc! { "polls": next.polls };
    let mut update = Document::new();
    if let Some(at) = next.at {
        set.insert("not_before", date(at));
        set.insert("wake_at", date(at));
    } else {
        update.insert("$unset", doc! { "wake_at": "" });
    }
    update.insert("$set", set);
    Statement::new(awaiting_status(id), update)
}

/// Moves the alarm of a message that is still as it was when it was found due with nothing to do.
pub(in crate::store::mongo) fn push_alarm(
    id: MessageId,
    status: Status,
    wake_at: Timestamp,
    now: Timestamp,
) -> Statement {
    let mut filter = named(id);
    filter.insert("status", status.as_str());
    filter.insert("wake_at", date(wake_at));
    if status.is_terminal() {
        return Statement::new(filter, doc! { "$unset": { "wake_at": "" } });
    }
    let later = date(now + ALARM_PUSH);
    let ahead = doc! { "$gt": ["$expires_at", date(now)] };
    let pushed = cond(ahead, doc! { "$min": [later, "$expires_at"] }, later);
    Statement::new(filter, vec![doc! { "$set": { "wake_at": pushed } }])
}

fn awaiting_status(id: MessageId) -> Document {
    let open = Lane::Poll.statuses().iter().map(|status| status.as_str());
    let mut filter = named(id);
    filter.insert("status", doc! { "$in": open.collect::<Vec<_>>() });
    filter.insert("visible", true);
    filter
}
