//! The ports to the queue and to announcements, which only make the ledger fast: a job or an announcement
//! may be lost, doubled, late or out of order, and correctness never depends on it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::MessageId;

mod announcements;
mod local;

pub use announcements::{Announcement, Announcements, BEHIND, Changed, LocalAnnouncements};
pub use local::LocalQueue;

/// The most ids that one job carries.
pub const JOB_LIMIT: usize = 64;

/// Ids of messages that may be sent at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The version of this form, so that a later worker can still read an earlier job.
    pub version: u8,
    /// 1 to [`JOB_LIMIT`] ids.
    pub ids: Vec<MessageId>,
    /// What ties the worker's log lines to the request that each message came with, in the order of
    /// the ids; empty if none has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    traces: Vec<Option<String>>,
}

impl Job {
    /// The form that this code writes.
    pub const VERSION: u8 = 1;

    /// A job of messages, each with its trace.
    pub fn new(messages: impl IntoIterator<Item = (MessageId, Option<String>)>) -> Self {
        let (ids, mut traces): (_, Vec<_>) = messages.into_iter().unzip();
        if traces.iter().all(Option::is_none) {
            traces.clear();
        }
        Self {
            version: Self::VERSION,
            ids,
            traces,
        }
    }

    /// The ids, each with its trace.
    pub fn messages(&self) -> impl Iterator<Item = (MessageId, Option<&str>)> {
        let traces = self.traces.iter().map(Option::as_deref);
        let ids = self.ids.iter().copied();
        ids.zip(traces.chain(std::iter::repeat(None)))
    }
}

/// A job in the hands of a worker. Dropped without [`Delivery::acknowledge`] it goes back to the
/// queue, as far as the queue can.
pub struct Delivery {
    pub job: Job,
    acknowledge: Option<Box<dyn FnOnce() + Send>>,
}

impl Delivery {
    pub fn new(job: Job, acknowledge: impl FnOnce() + Send + 'static) -> Self {
        Self {
            job,
            acknowledge: Some(Box::new(acknowledge)),
        }
    }

    /// Says that the job is done: its messages are claimed or need nothing. Never waits.
    pub fn acknowledge(mut self) {
        if let Some(acknowledge) = self.acknowledge.take() {
            acknowledge();
        }
    }
}

/// The state of the connection to the queue, for `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueHealth {
    Up,
    /// Not connected; the sweeper does the work meanwhile.
    Down {
        reason: String,
    },
}

/// A bounded queue of jobs.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Hands a message over to be queued. Never waits and never fails: what the queue cannot take is
    /// dropped, and the message's alarm makes up for it.
    fn offer(&self, id: MessageId, trace: Option<String>);

    /// Waits for the next job. A lost connection is repaired behind this call, which just takes
    /// longer then; dropping the future loses no job.
    async fn receive(&self) -> Delivery;

    fn health(&self) -> QueueHealth;

    /// Sends what was offered as far as possible within `grace`, and lets go of the connection.
    async fn close(&self, grace: Duration);
}
