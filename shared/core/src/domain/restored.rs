//! What a ledger restored from a backup does not know: what was sent since.

use super::timeline::{Event, TimelineEntry};
use super::{Lease, Message, Status, Timestamp};

/// The terms on which the messages of a restored ledger become doubts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was begun, or earlier: what was waiting then may have been sent from here on.
    pub since: Timestamp,
    pub now: Timestamp,
    /// Until when the provider may still take or list what was under way. A lease after `now`.
    pub until: Timestamp,
}

impl Message {
    /// Makes a doubt of a message that may have been sent since the backup; false if it is none, or
    /// already one on these terms.
    ///
    /// A queued message that has to wait for longer than until the first look cannot have been sent
    /// and keeps waiting. What was `sending` may have been sent again since, so what was found out
    /// about it before the backup counts no more.
    pub fn doubt(&mut self, restored: Restored) -> bool {
        let doubtful = match self.status {
            Status::Queued => self.not_before <= restored.until,
            Status::Sending => self.last_claim_at.is_some_and(|at| at < restored.now),
            _ => false,
        };
        if doubtful {
            self.status = Status::Sending;
            self.lease = Some(Lease {
                token: None,
                until: restored.until,
            });
            self.wake_at = Some(restored.until);
            self.unseen = 0;
            // The list has to be searched from the earliest attempt that nobody remembers.
            self.first_attempt_at
                .get_or_insert(restored.since.max(self.sent_at));
            self.last_claim_at = Some(restored.now);
            let entry = TimelineEntry::new(restored.now, Event::Restored);
            self.note(entry.with_status(Status::Sending), restored.now);
        }
        doubtful
    }
}
