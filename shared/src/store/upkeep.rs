//! The port through which the ledger is kept in order.

use async_trait::async_trait;

use super::Result;
use crate::domain::{MessageId, Status, Timestamp};

/// What has to be done now and then, whatever is paused.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Moves the alarm of a message found due with nothing to do, unless it changed since it was
    /// read with this status and alarm.
    async fn push_alarm(
        &self,
        id: MessageId,
        status: Status,
        wake_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// Ids of messages of every account that are past saving, whatever is paused; at most `limit`.
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>>;

    /// Purges tombstones made before `deleted_before`, at most `limit`, but none that is still
    /// `sending`; tells how many. A store that purges them by itself answers 0.
    async fn purge(&self, deleted_before: Timestamp, limit: usize) -> Result<u64>;

    /// Looks at the oldest messages of a span, and makes tombstones of those that nobody has anything
    /// left to do with and that have not changed since the end of the span.
    async fn erase_old(&self, old: Old, now: Timestamp) -> Result<Erased>;

    /// The provider accounts with messages that wait for a worker.
    async fn open_accounts(&self) -> Result<Vec<String>>;

    /// What the store's own clock says; `None` if it has none but this machine's.
    async fn time(&self) -> Result<Option<Timestamp>>;

    /// Whether the store answers and could store something; asked as often as anybody likes.
    async fn ping(&self) -> Result<()>;
}

/// Messages that have to end, whatever is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// Queued and expired at `now`.
    Unsent { now: Timestamp },
    /// Still in doubt, with the lease over at `now`, though they expired before `expired_before`.
    Doubtful {
        now: Timestamp,
        expired_before: Timestamp,
    },
}

/// A span of old messages, by when they were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// Those after this one; it does not have to exist.
    pub after: MessageId,
    pub before: Timestamp,
    /// How many are looked at.
    pub limit: usize,
}

/// What was done with old messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub count: u64,
    /// The last message looked at, with which to go on; `None` if there was none.
    pub last: Option<MessageId>,
}
