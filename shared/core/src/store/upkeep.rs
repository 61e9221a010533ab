//! The port through which the ledger is kept in order.

use async_trait::async_trait;

use super::Result;
use crate::domain::{MessageId, Timestamp};

/// What has to be done now and then, whatever is paused.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Ids of messages of every account that expired beyond recovery, whatever is paused; at most `limit`.
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>>;

    /// Purges tombstones made before `deleted_before`, at most `limit`, but none that is still
    /// `sending`; returns how many. A store that purges them by itself returns 0.
    async fn purge(&self, deleted_before: Timestamp, limit: usize) -> Result<u64>;

    /// The provider accounts with messages that wait for a worker.
    async fn open_accounts(&self) -> Result<Vec<String>>;

    /// The time of the store's own clock; `None` if that is this machine's.
    async fn time(&self) -> Result<Option<Timestamp>>;

    /// Whether the store answers and could store something. It may be asked as often as anybody likes.
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
