//! The alarms of messages that the provider has.

use mongodb::bson::{Bson, Document, doc};

use super::{REMOVE, Statement, cond, named, set_silently};
use crate::domain::{ALARM_PUSH, CLAIM_SLACK, Lane, MessageId, NextPoll, Status, Timestamp};
use crate::store::mongo::document::{date, insert_present};

/// Takes a message whose status is overdue in order to ask for it.
pub(in crate::store::mongo) fn take_poll(
    id: MessageId,
    now: Timestamp,
    until: Timestamp,
) -> Statement {
    let mut filter = awaiting_status(id);
    filter.insert("not_before", doc! { "$lte": date(now + CLAIM_SLACK) });
    let taken = doc! { "not_before": date(until), "wake_at": date(until) };
    Statement::new(filter, set_silently(taken))
}

/// Sets the alarm for the next poll.
pub(in crate::store::mongo) fn next_poll(id: MessageId, next: NextPoll) -> Statement {
    let at = next.at.map(date);
    let mut set = doc! { "polls": next.polls, "wake_at": at.map_or(REMOVE.into(), Bson::from) };
    insert_present(&mut set, [("not_before", at)]);
    Statement::new(awaiting_status(id), set_silently(set))
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
    let later = date(now + ALARM_PUSH);
    let ahead = doc! { "$gt": ["$expires_at", date(now)] };
    let pushed = if status.is_terminal() {
        REMOVE.into()
    } else {
        cond(ahead, doc! { "$min": [later, "$expires_at"] }, later)
    };
    Statement::new(filter, set_silently(doc! { "wake_at": pushed }))
}

fn awaiting_status(id: MessageId) -> Document {
    let open = Lane::Poll.statuses().iter().map(|status| status.as_str());
    let mut filter = named(id);
    filter.insert("status", doc! { "$in": open.collect::<Vec<_>>() });
    filter.insert("visible", true);
    filter
}
