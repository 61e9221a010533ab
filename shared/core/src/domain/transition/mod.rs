//! What may happen to a message: the only functions that change one.
//!
//! What we decide ourselves goes through a view ([`Claimable`], [`Held`]) that exists only while the
//! message is in the right state, so that no transition can be called in a wrong one. What the
//! provider says ([`Fact`]) is merged by rank in any state.

mod attempt;
mod fact;
mod poll;
mod settlement;
mod turn;
mod withdrawal;

use std::time::Duration;

use super::timeline::{self, Event, TimelineEntry};
use super::{Media, Message, Status, Tags, Timestamp};

pub use attempt::{Absence, Claim, Claimable, Claimant, Held};
pub use fact::FactEffect;
pub use poll::NextPoll;
pub use settlement::{NotSent, Settlement};

/// Between the times of two changes; the ledgers keep no finer ones.
const LEAST_STEP: Duration = Duration::from_millis(1);

impl Message {
    fn fail(&mut self, code: &str, entry: TimelineEntry, now: Timestamp) {
        self.end(Status::Failed);
        self.error_code = Some(code.to_owned());
        let entry = entry.with_status(Status::Failed).with_code(Some(code));
        self.note(entry, now);
    }

    fn end_unsent(&mut self, now: Timestamp, event: Event) {
        self.end(Status::Canceled);
        let entry = TimelineEntry::new(now, event).with_status(Status::Canceled);
        self.note(entry, now);
    }

    fn end(&mut self, status: Status) {
        self.status = status;
        self.wake_at = None;
        self.lease = None;
        self.unseen = 0;
        self.erase_if_deleted();
    }

    pub(in crate::domain) fn note(&mut self, entry: TimelineEntry, now: Timestamp) {
        timeline::append(&mut self.timeline, entry);
        self.touch(now);
    }

    /// Marks a change that its user sees. The time moves on even if the clock that says `at` is behind
    /// the one that marked the change before.
    fn touch(&mut self, at: Timestamp) {
        self.version += 1;
        self.updated_at = at.max(self.updated_at + LEAST_STEP);
    }

    /// Marks a change that its user does not see.
    pub(in crate::domain) fn touch_silently(&mut self) {
        self.version += 1;
    }

    fn erase_if_deleted(&mut self) {
        if !self.visible && self.status != Status::Sending {
            self.body = None;
            self.media = Media::default();
            self.recipient = None;
            self.counterpart = None;
            self.reference = None;
            self.tags = Tags::default();
        }
    }
}
