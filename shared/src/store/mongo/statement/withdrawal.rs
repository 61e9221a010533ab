//! What users do with their messages.

use mongodb::bson::{Document, doc};

use super::{
    REMOVE, Statement, appended, cond, content_kept_if, literal, merged, of_owner, status, touched,
};
use crate::domain::{
    Event, MessageId, RECIPIENT_OPTED_OUT, Status, TimelineEntry, Timestamp, UserId,
};
use crate::store::mongo::document::{date, entry};

/// Takes back a message that no worker has claimed.
pub(in crate::store::mongo) fn cancel(owner: UserId, id: MessageId, now: Timestamp) -> Statement {
    let mut filter = of_owner(owner, id);
    filter.insert("status", Status::Queued.as_str());
    let canceled = TimelineEntry::new(now, Event::Canceled).with_status(Status::Canceled);
    Statement::new(filter, ended(Status::Canceled, &canceled, Document::new()))
}

/// Marks received messages as seen by their user.
pub(in crate::store::mongo) fn read(now: Timestamp) -> Vec<Document> {
    let seen = doc! { "unread": REMOVE };
    vec![doc! { "$set": merged([seen, touched(date(now))]) }]
}

/// Ends those of some messages that no worker has claimed, because their recipient wants none.
pub(in crate::store::mongo) fn refuse_opted_out(ids: Document, now: Timestamp) -> Statement {
    let filter = doc! { "_id": ids, "status": Status::Queued.as_str(), "visible": true };
    let refused = TimelineEntry::new(now, Event::OptedOut)
        .with_status(Status::Failed)
        .with_code(Some(RECIPIENT_OPTED_OUT));
    let code = doc! { "error_code": RECIPIENT_OPTED_OUT };
    Statement::new(filter, ended(Status::Failed, &refused, code))
}

/// Ends a message that waits.
fn ended(as_what: Status, event: &TimelineEntry, and: Document) -> Vec<Document> {
    let ended = doc! {
        "wake_at": REMOVE,
        "timeline": appended(literal(entry(event))),
    };
    let changed = merged([status(as_what), ended, and, touched(date(event.at))]);
    vec![doc! { "$set": changed }]
}

/// Makes tombstones of those messages that match `visible`, which says that they are none yet.
///
/// A text that is `sending` keeps its content and its alarm until that is settled.
pub(in crate::store::mongo) fn delete(visible: Document, now: Timestamp) -> Statement {
    let is = |status: Status| doc! { "$eq": ["$status", status.as_str()] };
    let (queued, sending) = (is(Status::Queued), is(Status::Sending));
    let canceled = status(Status::Canceled);
    let deleted = TimelineEntry::new(now, Event::Deleted);
    let ended = deleted.clone().with_status(Status::Canceled);
    // The expressions of one stage all read the document as it was.
    let changed = doc! {
        "visible": false,
        "deleted_at": date(now),
        "status": cond(queued.clone(), canceled.get("status"), "$status"),
        "rank": cond(queued.clone(), canceled.get("rank"), "$rank"),
        "wake_at": cond(sending.clone(), "$wake_at", REMOVE),
        "timeline": appended(cond(queued, literal(entry(&ended)), literal(entry(&deleted)))),
    };
    let changed = merged([changed, touched(date(now)), content_kept_if(sending)]);
    let update = vec![doc! { "$set": changed }];
    Statement::new(visible, update)
}
