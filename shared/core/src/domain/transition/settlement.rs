//! How an attempt or a look ended, in the words of what happens next.

use super::{Absence, Held};
use crate::domain::{TimelineEntry, Timestamp};

/// What whoever holds the lease decides about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The provider refused the message for good.
    Rejected {
        code: String,
        detail: Option<String>,
    },
    /// Nothing was sent, because the recipient wants no texts from us.
    OptedOut,
    /// Nothing was sent: the message waits until `not_before`.
    NotSent(NotSent),
    /// Nothing was sent: quiet hours had begun, and the message waits for their end.
    Resting { until: Timestamp },
    /// It may have been sent: it stays `sending` until somebody has looked for it.
    Unknown { detail: Option<String> },
    /// It was looked for without a result; the next look may start at `until`.
    LookAgain {
        absence: Absence,
        detail: Option<String>,
        until: Timestamp,
    },
    /// It was absent from a second complete list: it waits to be sent again. Needs a first fruitless
    /// look since the last claim.
    RequeueAbsent,
    /// The doubt cannot be settled. Needs a message that expired before `expired_before`.
    GiveUp { expired_before: Timestamp },
}

/// Why nothing was sent, and until when the message waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    /// If it is not later than the entry, the message waits for nothing and keeps its place.
    pub not_before: Timestamp,
    /// What the timeline says; its `status` is filled in.
    pub entry: TimelineEntry,
}

impl Held<'_> {
    /// Does what the settlement says; returns false if its own condition does not hold. Then nothing
    /// happened.
    pub fn settle(self, settlement: &Settlement, now: Timestamp) -> bool {
        match settlement {
            Settlement::Rejected { code, detail } => self.reject(code, detail.as_deref(), now),
            Settlement::OptedOut => self.refuse_opted_out(now),
            Settlement::NotSent(NotSent { not_before, entry }) => {
                self.requeue(*not_before, entry.clone());
            }
            Settlement::Resting { until } => self.rest_until(*until, now),
            Settlement::Unknown { detail } => self.note_unknown(detail.as_deref(), now),
            Settlement::LookAgain {
                absence,
                detail,
                until,
            } => self.look_again(*absence, detail.as_deref(), *until, now),
            Settlement::RequeueAbsent => return self.requeue_absent(now),
            Settlement::GiveUp { expired_before } => return self.give_up(*expired_before, now),
        }
        true
    }
}
