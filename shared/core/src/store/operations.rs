//! The port through which operators see all users' messages.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Lane, Message, MessageId, Timestamp};

/// What operators ask about all users' messages.
#[async_trait]
pub trait Operations: Send + Sync {
    /// A page of the messages that ended as `failed` or `undelivered` and were not deleted, in the
    /// order in which they were sent.
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>>;

    /// How the messages stand that wait for a worker, account by account, those to be erased at the provider
    /// included. Doubts are those that are
    /// `sending` although they were claimed before `claimed_before`.
    async fn standing(&self, now: Timestamp, claimed_before: Timestamp) -> Result<Vec<Standing>>;
}

/// The messages of an account that wait for a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub account: String,
    /// In the order of [`Lane::ALL`].
    pub lanes: Vec<LaneStanding>,
    /// Messages whose outcome is unknown.
    pub doubts: u64,
}

/// The messages of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneStanding {
    pub lane: Lane,
    /// Messages with an alarm of the lane, whenever it rings.
    pub waiting: u64,
    /// The oldest alarm that has rung.
    pub oldest_due: Option<Timestamp>,
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
