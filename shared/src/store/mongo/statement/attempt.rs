//! Attempts and looks: what is decided by whoever holds the lease.

use mongodb::bson::{Document, doc};

use super::{
    REMOVE, Statement, among, appended, cond, content_kept_if, held, lease, literal, merged, named,
    set_silently, status, touched, touched_if,
};
use crate::domain::{
    Absence, CLAIM_SLACK, Claim, Claimant, EXPIRY_MARGIN, Event, LeaseToken, MessageId,
    RECIPIENT_OPTED_OUT, Status, TimelineEntry, Timestamp,
};
use crate::store::mongo::document::{date, entry};
use crate::store::{NotSent, Settlement};

/// Begins an attempt at each of some messages.
pub(in crate::store::mongo) fn claim(
    ids: &[MessageId],
    by: Claimant<'_>,
    claim: Claim,
) -> Statement {
    let filter = doc! {
        "_id": among(ids),
        "account": by.account,
        "status": Status::Queued.as_str(),
        "visible": true,
        "not_before": { "$lte": date(claim.now + CLAIM_SLACK) },
        "expires_at": { "$gt": date(claim.now + EXPIRY_MARGIN) },
    };
    let attempt = TimelineEntry::new(claim.now, Event::Attempt).with_status(Status::Sending);
    let taken = doc! {
        "sender": literal(by.sender),
        "lease": literal(lease(Some(claim.token), claim.until)),
        "wake_at": date(claim.until),
        "unseen": 0,
        "attempts": { "$add": ["$attempts", 1] },
        "first_attempt_at": { "$min": ["$first_attempt_at", date(claim.now)] },
        "last_claim_at": date(claim.now),
        "timeline": appended(literal(entry(&attempt))),
    };
    let changed = merged([status(Status::Sending), taken, touched(date(claim.now))]);
    Statement::new(filter, vec![doc! { "$set": changed }])
}

/// Ends a message that was not sent in time.
pub(in crate::store::mongo) fn expire(id: MessageId, now: Timestamp) -> Statement {
    let mut filter = named(id);
    filter.insert("status", Status::Queued.as_str());
    filter.insert("expires_at", doc! { "$lte": date(now + EXPIRY_MARGIN) });
    fail(filter, "expired", TimelineEntry::new(now, Event::Expired))
}

/// Takes a message whose lease is over in order to look for it.
pub(in crate::store::mongo) fn take_resolve(id: MessageId, claim: Claim) -> Statement {
    let mut filter = named(id);
    filter.insert("status", Status::Sending.as_str());
    filter.insert("lease.until", doc! { "$lte": date(claim.now) });
    let taken = doc! {
        "lease": literal(lease(Some(claim.token), claim.until)),
        "wake_at": date(claim.until),
    };
    Statement::new(filter, set_silently(taken))
}

/// Ends or keeps up an attempt or a look.
pub(in crate::store::mongo) fn settle(
    id: MessageId,
    token: LeaseToken,
    settlement: &Settlement,
    now: Timestamp,
) -> Statement {
    let mut held = held(id, token);
    match settlement {
        Settlement::Rejected { code, detail } => {
            let rejected = TimelineEntry::new(now, Event::Rejected);
            fail(held, code, rejected.with_detail(detail.as_deref()))
        }
        Settlement::OptedOut => {
            let refused = TimelineEntry::new(now, Event::OptedOut);
            fail(held, RECIPIENT_OPTED_OUT, refused)
        }
        Settlement::NotSent(NotSent { not_before, entry }) => requeue(held, *not_before, entry),
        Settlement::Unknown { detail } => note_unknown(held, detail.as_deref(), now),
        Settlement::LookAgain {
            absence,
            detail,
            until,
        } => look_again(held, *absence, *until, detail.as_deref(), now),
        Settlement::RequeueAbsent => {
            held.insert("unseen", doc! { "$gte": 1 });
            requeue(held, now, &TimelineEntry::new(now, Event::SentAgain))
        }
        Settlement::GiveUp { expired_before } => {
            held.insert("expires_at", doc! { "$lte": date(*expired_before) });
            let given_up = TimelineEntry::new(now, Event::GivenUp);
            fail(held, "outcome_unknown", given_up)
        }
    }
}

fn fail(filter: Document, code: &str, event: TimelineEntry) -> Statement {
    let event = event.with_status(Status::Failed).with_code(Some(code));
    let ended = doc! {
        "error_code": literal(code),
        "timeline": appended(literal(entry(&event))),
    };
    let changed = merged([
        status(Status::Failed),
        ended,
        touched(date(event.at)),
        content_kept_if("$visible"),
    ]);
    let update = vec![
        doc! { "$set": changed },
        doc! { "$unset": ["wake_at", "lease", "unseen"] },
    ];
    Statement::new(filter, update)
}

/// Back to `queued`, or `canceled` if it was deleted.
fn requeue(filter: Document, not_before: Timestamp, event: &TimelineEntry) -> Statement {
    let event_with = |status| literal(entry(&event.clone().with_status(status)));
    let (queued, canceled) = (status(Status::Queued), status(Status::Canceled));
    let not_before = date(not_before);
    let returned = doc! {
        "status": cond("$visible", queued.get("status"), canceled.get("status")),
        "rank": cond("$visible", queued.get("rank"), canceled.get("rank")),
        "not_before": cond("$visible", not_before, "$not_before"),
        "wake_at": cond("$visible", doc! { "$min": [not_before, "$expires_at"] }, REMOVE),
        "timeline": appended(cond(
            "$visible",
            event_with(Status::Queued),
            event_with(Status::Canceled),
        )),
    };
    let touched = touched(date(event.at));
    let update = vec![
        doc! { "$set": merged([returned, touched, content_kept_if("$visible")]) },
        doc! { "$unset": ["lease", "unseen"] },
    ];
    Statement::new(filter, update)
}

/// Lease and alarm stay. Repeated with the same words and time it changes nothing.
fn note_unknown(filter: Document, detail: Option<&str>, now: Timestamp) -> Statement {
    let event = TimelineEntry::new(now, Event::OutcomeUnknown).with_detail(detail);
    let event = literal(entry(&event));
    let known = doc! { "$in": [event.clone(), "$timeline"] };
    let new = doc! { "$not": [known] };
    let noted = doc! { "timeline": cond(new.clone(), appended(event), "$timeline") };
    let update = vec![doc! { "$set": merged([noted, touched_if(new, date(now))]) }];
    Statement::new(filter, update)
}

fn look_again(
    filter: Document,
    absence: Absence,
    until: Timestamp,
    detail: Option<&str>,
    now: Timestamp,
) -> Statement {
    let (event, looks) = match absence {
        Absence::NotInList => (Event::NotInList, 1),
        Absence::Unclear => (Event::ListUnclear, 0),
    };
    let looked = TimelineEntry::new(now, event).with_detail(detail);
    let returned = doc! {
        "lease": literal(lease(None, until)),
        "wake_at": date(until),
        "unseen": { "$add": [{ "$ifNull": ["$unseen", 0] }, looks] },
        "timeline": appended(literal(entry(&looked))),
    };
    let update = vec![doc! { "$set": merged([returned, touched(date(now))]) }];
    Statement::new(filter, update)
}
