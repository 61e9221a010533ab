//! What a worker counts of the messages that it works on.

use mysms_core::domain::Settlement;
use mysms_core::domain::{Message, Status, Timestamp};
use mysms_core::provider::Verdict;
use runtime::metrics::metrics;

/// Counts an attempt, and times it if the provider took the message.
pub(crate) fn count_attempt(message: &Message, verdict: &Verdict, now: Timestamp) {
    metrics().attempt(verdict.into());
    if matches!(verdict, Verdict::Accepted(_)) {
        metrics().taken_by_provider(now.since(wanted_at(message)));
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

/// Counts the messages that we ended ourselves.
pub(crate) fn count_settled(settled: bool, settlement: &Settlement) {
    match settlement {
        Settlement::Rejected { .. } | Settlement::OptedOut if settled => {
            metrics().came_to(Status::Failed);
        }
        Settlement::GiveUp { .. } if settled => {
            metrics().came_to(Status::Failed);
            metrics().outcome_unknown.inc();
        }
        _ => {}
    }
}

pub(crate) fn count_expired() {
    metrics().came_to(Status::Failed);
    metrics().expired.inc();
}
