//! The port through which the ledger is kept in order.

use async_trait::async_trait;

use super::Result;
use crate::domain::{EXPIRY_MARGIN, MessageId, Status, Timestamp};

/// What has to be done now and then, whatever is paused.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Ids of messages of every account that expired beyond recovery, whatever is paused; at most `limit`.
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>>;

    /// Purges tombstones made before `deleted_before`, at most `limit`, but none that is still
    /// `sending` or that the provider has yet to erase; returns how many. A store that purges them by itself
    /// returns 0.
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

/// What an overdue message is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub status: Status,
    /// Its alarm has rung by then. An alarm is never later than what it rings for, so that the index of
    /// the lanes lists these messages too.
    pub rung_by: Timestamp,
    pub expired_by: Timestamp,
}

impl Overdue {
    pub fn ends(self) -> Ends {
        match self {
            Self::Unsent { now } => Ends {
                status: Status::Queued,
                rung_by: now + EXPIRY_MARGIN,
                expired_by: now + EXPIRY_MARGIN,
            },
            Self::Doubtful {
                now,
                expired_before,
            } => Ends {
                status: Status::Sending,
                rung_by: now,
                expired_by: expired_before,
            },
        }
    }
}
