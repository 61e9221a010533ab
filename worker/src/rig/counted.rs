//! Counts what a worker asks of the ports that only senders with rates need.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{Timestamp, Turn, UserId};
use mysms_core::store::{
    Kind, Mover, QueueId, QueueStanding, Reach, Reading, Records, Result, Stored, Turns,
};

/// How often they were called.
#[derive(Default)]
pub(crate) struct Calls(AtomicUsize);

impl Calls {
    /// The calls since the last time that this was asked.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }

    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(super) struct Counted {
    pub(super) records: Arc<dyn Records>,
    pub(super) turns: Arc<dyn Turns>,
    pub(super) calls: Arc<Calls>,
}

#[async_trait]
impl Records for Counted {
    async fn record(&self, kind: Kind, key: &str, now: Timestamp) -> Result<Reading> {
        self.calls.count();
        self.records.record(kind, key, now).await
    }

    async fn records(&self, kind: Kind) -> Result<Vec<Stored>> {
        self.calls.count();
        self.records.records(kind).await
    }

    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        self.calls.count();
        self.records.records_under(kind, prefix, after, limit).await
    }

    async fn replace(&self, kind: Kind, key: &str, seen: u64, after: Option<&str>) -> Result<bool> {
        self.calls.count();
        self.records.replace(kind, key, seen, after).await
    }
}

#[async_trait]
impl Turns for Counted {
    async fn enter(&self, queue: &QueueId, segments: u64) -> Result<QueueStanding> {
        self.calls.count();
        self.turns.enter(queue, segments).await
    }

    async fn move_end(&self, queue: &QueueId, mover: &Mover, now: Timestamp) -> Result<Turn> {
        self.calls.count();
        self.turns.move_end(queue, mover, now).await
    }

    async fn leave(&self, queue: &QueueId, segments: u64, turn: Option<Turn>) -> Result<()> {
        self.calls.count();
        self.turns.leave(queue, segments, turn).await
    }

    async fn give_back(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()> {
        self.calls.count();
        self.turns.give_back(queue, user, segments).await
    }

    async fn emptied(&self, queue: &QueueId, entered: u64) -> Result<()> {
        self.calls.count();
        self.turns.emptied(queue, entered).await
    }

    async fn queue(&self, queue: &QueueId) -> Result<(QueueStanding, Vec<Reach>)> {
        self.calls.count();
        self.turns.queue(queue).await
    }
}
