//! The queue on a RabbitMQ broker, 3.10 or 4.
//!
//! A process that publishes has one connection, a worker a second one to consume: a broker short of
//! memory blocks a connection that published as a whole, acknowledgements included. Announcements
//! have one of their own, so that nothing waits for them. Each connection has a supervisor of ours,
//! because the driver's own recovery gives up after a while.

mod addresses;
mod announcer;
mod broker;
mod connections;
mod consumer;
mod dead;
mod failure;
mod link;
mod payload;
mod publisher;
mod receipt;
mod supervisor;

use std::time::Duration;

use async_trait::async_trait;
use mysms_core::domain::MessageId;
use mysms_core::queue::{Delivery, Queue, QueueHealth};
use runtime::config::AmqpConfig;
use runtime::lifecycle::Lifecycle;
use tokio::sync::{Mutex, mpsc, watch};

use self::broker::Broker;
use self::connections::Connections;
use self::consumer::{Arrival, Consumer, PREFETCH};
use self::publisher::{Offer, Publisher};

pub use self::announcer::RabbitAnnouncements;
pub use self::broker::InvalidAmqpUrl;
pub use self::dead::{BrokerError, DeadJob, DeadJobs, Fate};

/// How many offers wait for the broker; about 1 MB.
const MAILBOX: usize = 16_384;

/// A durable quorum queue, `{AMQP_QUEUE}.v1`, of at most 10,000 jobs.
///
/// A job that cannot be read is moved to `{prefix}.dead`, where the prefix is `AMQP_QUEUE` up to its
/// last dot (`mysms.send` → `mysms.dead`), with its reason in the header `reason`.
///
/// Its connections stay through the lifecycle's soft stop, until [`Queue::close`]: that is to be called
/// once nobody uses the queue any more. The hard stop drops them.
pub struct RabbitMq {
    mailbox: mpsc::Sender<Offer>,
    arrivals: Mutex<mpsc::Receiver<Arrival>>,
    health: Vec<watch::Receiver<QueueHealth>>,
    connections: Connections,
}

impl RabbitMq {
    /// For a process that only publishes: [`Queue::receive`] never returns.
    pub fn publisher(config: &AmqpConfig, lifecycle: &Lifecycle) -> Result<Self, InvalidAmqpUrl> {
        Self::start(config, lifecycle, false)
    }

    /// For a process that consumes, and may publish as well.
    pub fn worker(config: &AmqpConfig, lifecycle: &Lifecycle) -> Result<Self, InvalidAmqpUrl> {
        Self::start(config, lifecycle, true)
    }

    fn start(
        config: &AmqpConfig,
        lifecycle: &Lifecycle,
        consumes: bool,
    ) -> Result<Self, InvalidAmqpUrl> {
        let broker = Broker::new(config)?;
        let (mailbox, offers) = mpsc::channel(MAILBOX);
        let (set_aside, dead_letters) = mpsc::channel(usize::from(PREFETCH));
        let (hand_over, arrivals) = mpsc::channel(usize::from(PREFETCH));
        let connections = Connections::of(lifecycle);
        let mut health = Vec::new();
        if consumes {
            let role = Consumer::new(hand_over, set_aside);
            health.push(connections.open(broker.clone(), role));
        }
        health.push(connections.open(broker, Publisher::new(offers, dead_letters)));
        Ok(Self {
            mailbox,
            arrivals: Mutex::new(arrivals),
            health,
            connections,
        })
    }
}

#[async_trait]
impl Queue for RabbitMq {
    fn offer(&self, id: MessageId, trace: Option<String>) {
        if self.mailbox.try_send(Offer { id, trace }).is_err() {
            tracing::debug!(message.id = %id, "the broker lags behind, the sweeper will find the message");
        }
    }

    /// A job that came by a connection that is lost by now is left out, as the broker delivers it again.
    async fn receive(&self) -> Delivery {
        let mut arrivals = self.arrivals.lock().await;
        while let Some(Arrival { job, receipt }) = arrivals.recv().await {
            if !receipt.is_void() {
                return Delivery::new(job, move || receipt.acknowledge());
            }
        }
        std::future::pending().await
    }

    /// Down as soon as one of the connections is.
    fn health(&self) -> QueueHealth {
        let states = self.health.iter().map(|health| health.borrow().clone());
        let mut down = states.filter(|state| *state != QueueHealth::Up);
        down.next().unwrap_or(QueueHealth::Up)
    }

    /// What was offered is published as long as the broker is there; without a connection one more
    /// attempt is made. Jobs that were received and not acknowledged go back to the queue.
    async fn close(&self, grace: Duration) {
        if !self.connections.close(grace).await {
            tracing::warn!("the broker did not take everything in time, the sweeper will find it");
        }
    }
}
