//! What a worker counts of the messages that it works on.

use mysms_core::domain::{Message, Settlement, Status, Timestamp};
use mysms_core::provider::Verdict;

use crate::context::Context;

impl Context {
    /// Counts an attempt that was just answered, and times it if the provider took the message.
    pub(crate) fn count_attempt(&self, message: &Message, verdict: &Verdict) {
        self.metrics.attempt(verdict.into());
        if matches!(verdict, Verdict::Accepted(_)) {
            let taken = self.clock.now().since(wanted_at(message));
            self.metrics.taken_by_provider(taken);
        }
    }

    /// Counts the messages that we ended ourselves.
    pub(crate) fn count_settled(&self, settled: bool, settlement: &Settlement) {
        match settlement {
            Settlement::Rejected { .. } | Settlement::OptedOut if settled => {
                self.metrics.came_to(Status::Failed);
            }
            Settlement::GiveUp { .. } if settled => {
                self.metrics.came_to(Status::Failed);
                self.metrics.outcome_unknown.inc();
            }
            _ => {}
        }
    }

    pub(crate) fn count_expired(&self) {
        self.metrics.came_to(Status::Failed);
        self.metrics.expired.inc();
    }
}

/// When a message was to be sent: at once, or at the time that its first attempt had to wait for.
fn wanted_at(message: &Message) -> Timestamp {
    if message.attempts == 1 {
        message.sent_at.max(message.not_before)
    } else {
        message.sent_at
    }
}
