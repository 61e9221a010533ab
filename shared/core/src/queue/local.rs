//! The queue of a single process.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};

use super::{Delivery, JOB_LIMIT, Job, Queue, QueueHealth};
use crate::domain::MessageId;

/// A bounded queue in memory. It forgets everything when the process ends, and drops what it has no
/// room for; the ledger's alarms make up for both.
pub struct LocalQueue {
    sender: mpsc::Sender<(MessageId, Option<String>)>,
    receiver: Mutex<mpsc::Receiver<(MessageId, Option<String>)>>,
}

impl LocalQueue {
    /// A queue with room for `capacity` ids.
    pub fn new(capacity: usize) -> Self {
        let (sender, receiver) = mpsc::channel(capacity);
        Self {
            sender,
            receiver: Mutex::new(receiver),
        }
    }
}

#[async_trait]
impl Queue for LocalQueue {
    fn offer(&self, id: MessageId, trace: Option<String>) {
        if self.sender.try_send((id, trace)).is_err() {
            tracing::debug!(message.id = %id, "the queue is full, the sweeper will find the message");
        }
    }

    /// Everything that waits forms one job.
    async fn receive(&self) -> Delivery {
        let mut receiver = self.receiver.lock().await;
        let Some(first) = receiver.recv().await else {
            // Unreachable while `self` holds a sender; waiting is the one harmless answer.
            return std::future::pending().await;
        };
        let more = std::iter::from_fn(|| receiver.try_recv().ok());
        let messages = std::iter::once(first).chain(more.take(JOB_LIMIT - 1));
        Delivery::new(Job::new(messages), || {})
    }

    fn health(&self) -> QueueHealth {
        QueueHealth::Up
    }

    async fn close(&self, _grace: Duration) {}
}
