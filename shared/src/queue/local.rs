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

    /// Whatever waits forms one job.
    async fn receive(&self) -> Delivery {
        let mut receiver = self.receiver.lock().await;
        let Some((first, mut trace)) = receiver.recv().await else {
            // Unreachable while `self` holds a sender; waiting is the one harmless answer.
            return std::future::pending().await;
        };
        let mut ids = vec![first];
        while ids.len() < JOB_LIMIT
            && let Ok((id, other)) = receiver.try_recv()
        {
            ids.push(id);
            trace = trace.filter(|trace| other.as_ref() == Some(trace));
        }
        Delivery::new(Job::new(ids, trace), || {})
    }

    fn health(&self) -> QueueHealth {
        QueueHealth::Up
    }

    async fn close(&self, _grace: Duration) {}
}
