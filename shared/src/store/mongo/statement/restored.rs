//! What is done to a ledger restored from a backup.

use mongodb::bson::{Document, doc};

use super::{Statement, appended, lease, literal, merged, status, touched};
use crate::domain::{Event, Restored, Status, TimelineEntry};
use crate::store::mongo::document::{date, entry};

/// Matches the messages of a status, `queued` or `sending`, that may have been sent since the backup.
pub(in crate::store::mongo) fn doubtful(status: Status, restored: Restored) -> Document {
    let mut filter = doc! { "status": status.as_str() };
    if status == Status::Queued {
        filter.insert("not_before", doc! { "$lte": date(restored.until) });
    } else {
        filter.insert("last_claim_at", doc! { "$lt": date(restored.now) });
    }
    filter
}

/// Makes doubts of them.
pub(in crate::store::mongo) fn doubt(of: Status, restored: Restored) -> Statement {
    let now = date(restored.now);
    let event = TimelineEntry::new(restored.now, Event::Restored).with_status(Status::Sending);
    let earliest = doc! { "$max": ["$sent_at", date(restored.since)] };
    let doubt = doc! {
        "lease": literal(lease(None, restored.until)),
        "wake_at": date(restored.until),
        "unseen": 0,
        "first_attempt_at": { "$ifNull": ["$first_attempt_at", earliest] },
        "last_claim_at": now,
        "timeline": appended(literal(entry(&event))),
    };
    let changed = merged([status(Status::Sending), doubt, touched(now)]);
    let update = vec![doc! { "$set": changed }];
    Statement::new(doubtful(of, restored), update)
}
