//! The port through which operators mend what the workers cannot know of.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Message, MessageId, Restored};

/// What is done by hand, with all users' messages at once, in batches.
#[async_trait]
pub trait Operations: Send + Sync {
    /// A page of the messages that ended as `failed` or `undelivered` and were not deleted, in the
    /// order in which they were sent.
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>>;

    /// Makes doubts of up to `limit` messages, of every account, that may have been sent since the
    /// backup from which this ledger was restored; tells how many, and 0 once none is left.
    async fn doubt(&self, restored: Restored, limit: usize) -> Result<u64>;
}

/// Which failures to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// Of the messages after this one,
    pub after: MessageId,
    /// but before this one; neither has to exist.
    pub before: MessageId,
    pub limit: usize,
}

/// A message that did not reach its recipient, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub message: Message,
    /// A message was made to retry it, whatever became of that.
    pub retried: bool,
}
