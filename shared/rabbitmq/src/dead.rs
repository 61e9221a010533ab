use std::error::Error;

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicGetOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use runtime::config::AmqpConfig;

use super::broker::Broker;
use super::failure::{Failure, answered};
use super::link::Link;
use super::payload;
use super::publisher::put;

/// The broker did not do what an operator asked.
#[derive(Debug, thiserror::Error)]
#[error("RabbitMQ did not do what it was asked")]
pub struct BrokerError(#[source] Box<dyn Error + Send + Sync>);

/// The jobs that workers could not read, for operators.
///
/// Their messages are none the worse: the ledger has them sent all the same.
pub struct DeadJobs {
    link: Link,
    broker: Broker,
}

/// A job that a worker could not read. Its content may be anybody's and is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// Why that worker could not read it.
    pub reason: Option<String>,
    /// The length of its content.
    pub bytes: usize,
    /// How many messages it is about, if this program can read it.
    pub messages: Option<usize>,
}

/// What becomes of a dead job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays with the dead.
    Kept,
    /// It is back in the queue.
    Replayed,
}

impl DeadJobs {
    pub async fn connect(config: &AmqpConfig) -> Result<Self, BrokerError> {
        let broker = Broker::new(config).map_err(|error| BrokerError(error.into()))?;
        let link = async {
            let link = Link::open(&broker, "mysms operator").await?;
            answered(link.channel.confirm_select(ConfirmSelectOptions::default())).await?;
            Ok(link)
        };
        let link = link.await.map_err(failed)?;
        Ok(Self { link, broker })
    }

    /// Shows each dead job once, the oldest first, and moves those back to the queue that `replay`
    /// says yes to and this program can read; tells what became of each.
    ///
    /// Should it break off, a job may be there twice, which does no harm.
    pub async fn each(
        &self,
        replay: bool,
        mut tell: impl FnMut(&DeadJob, Fate),
    ) -> Result<(), BrokerError> {
        let count = self.count().await.map_err(failed)?;
        for _ in 0..count {
            let Some((job, fate)) = self.next(replay).await.map_err(failed)? else {
                break;
            };
            tell(&job, fate);
        }
        Ok(())
    }

    /// Lets go of the broker.
    pub async fn close(self) {
        self.link.close().await;
    }

    async fn count(&self) -> Result<u32, Failure> {
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let dead = self.broker.dead.clone();
        let declared = self
            .link
            .channel
            .queue_declare(dead, passive, FieldTable::default());
        Ok(answered(declared).await?.message_count())
    }

    async fn next(&self, replay: bool) -> Result<Option<(DeadJob, Fate)>, Failure> {
        let channel = &self.link.channel;
        let taken = channel.basic_get(self.broker.dead.clone(), BasicGetOptions::default());
        let Some(taken) = answered(taken).await? else {
            return Ok(None);
        };
        let delivery = taken.delivery;
        let job = DeadJob::from(&delivery);
        let fate = self
            .move_on(&delivery, replay && job.messages.is_some())
            .await?;
        Ok(Some((job, fate)))
    }

    /// Moves a job to the queue, or to the end of the dead ones. It is not just given back, because
    /// RabbitMQ 4 drops what was given back twenty times.
    async fn move_on(&self, delivery: &Delivery, replay: bool) -> Result<Fate, Failure> {
        let channel = &self.link.channel;
        let move_to = |queue, properties| put(channel, queue, &delivery.data, properties);
        let properties = BasicProperties::default().with_delivery_mode(2);
        let fate = if replay && move_to(&self.broker.queue, properties).await? {
            Fate::Replayed
        } else if move_to(&self.broker.dead, delivery.properties.clone()).await? {
            Fate::Kept
        } else {
            // The queue is full. Not acknowledged, the job goes back to it with the connection's end.
            return Ok(Fate::Kept);
        };
        channel
            .basic_ack(delivery.delivery_tag, BasicAckOptions::default())
            .await?;
        Ok(fate)
    }
}

impl From<&Delivery> for DeadJob {
    fn from(delivery: &Delivery) -> Self {
        let headers = delivery.properties.headers().as_ref();
        let reason = headers.and_then(|headers| headers.inner().get("reason"));
        Self {
            reason: reason
                .and_then(|reason| reason.as_long_string())
                .map(ToString::to_string),
            bytes: delivery.data.len(),
            messages: payload::read(&delivery.data).ok().map(|job| job.ids.len()),
        }
    }
}

fn failed(failure: Failure) -> BrokerError {
    BrokerError(failure.into())
}
