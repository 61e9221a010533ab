//! Queues of a test's own, and a look at them from outside.

use std::ops::Deref;
use std::time::Duration;

pub(crate) use lab::{PATIENCE, eventually};
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::{FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, PublisherConfirm};
use mysms_core::domain::MessageId;
use mysms_core::queue::{Delivery, Job, Queue};
use rabbitmq::RabbitMq;
use runtime::config::AmqpConfig;
use runtime::lifecycle::Lifecycle;
use secrecy::ExposeSecret;
use tokio::time::timeout;
use uuid::Uuid;

/// Queues on a broker, made by whoever uses them first.
pub(crate) struct Bench {
    pub(crate) config: AmqpConfig,
    pub(crate) lifecycle: Lifecycle,
}

impl Bench {
    /// On the broker that all tests share.
    pub(crate) fn new() -> Self {
        Self::at(&lab::amqp_url())
    }

    pub(crate) fn at(url: &str) -> Self {
        let queue = format!("test-{}.send", Uuid::new_v4());
        Self {
            config: AmqpConfig {
                url: url.into(),
                queue,
            },
            lifecycle: Lifecycle::new(),
        }
    }

    pub(crate) fn publisher(&self) -> RabbitMq {
        RabbitMq::publisher(&self.config, &self.lifecycle).unwrap()
    }

    pub(crate) fn worker(&self) -> RabbitMq {
        RabbitMq::worker(&self.config, &self.lifecycle).unwrap()
    }

    pub(crate) fn queue(&self) -> String {
        format!("{}.v1", self.config.queue)
    }

    pub(crate) fn dead(&self) -> String {
        self.config.queue.replace(".send", ".dead")
    }

    pub(crate) async fn outside(&self) -> Outside {
        Outside::connect(self.config.url.expose_secret()).await
    }

    /// Removes the queues, after every task of the adapter has ended without a crash.
    pub(crate) async fn dispose(self) {
        assert!(
            self.lifecycle.stop(PATIENCE).await,
            "a task is left over or crashed"
        );
        let outside = self.outside().await;
        for queue in [self.queue(), self.dead()] {
            outside.delete(&queue).await;
        }
    }
}

/// A connection that is not the adapter's.
pub(crate) struct Outside {
    channel: Channel,
    _connection: Connection,
}

impl Deref for Outside {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.channel
    }
}

impl Outside {
    async fn connect(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await;
        let connection = connection.expect("a RabbitMQ answers: run `make services`");
        let channel = connection.create_channel().await.unwrap();
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await
            .unwrap();
        Self {
            channel,
            _connection: connection,
        }
    }

    pub(crate) async fn publish(&self, queue: &str, payload: &[u8]) -> PublisherConfirm {
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let (exchange, options) = (ShortString::default(), BasicPublishOptions::default());
        let published = self.basic_publish(exchange, queue.into(), options, payload, persistent);
        published.await.unwrap()
    }

    pub(crate) async fn publish_job(&self, queue: &str, ids: &[MessageId]) {
        let payload = serde_json::to_vec(&Job::new(ids.iter().map(|id| (*id, None)))).unwrap();
        let confirmed = self.publish(queue, &payload).await.await.unwrap();
        assert!(confirmed.is_ack());
    }

    /// How many jobs wait in a queue, without those in somebody's hands.
    pub(crate) async fn waiting(&self, queue: &str) -> u32 {
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let declared = self
            .queue_declare(queue.into(), passive, FieldTable::default())
            .await;
        declared.unwrap().message_count()
    }

    pub(crate) async fn wait_for(&self, queue: &str, count: u32) {
        let what = format!("{count} jobs wait in {queue}");
        eventually(&what, async || self.waiting(queue).await == count).await;
    }

    /// Takes the first job of a queue: its payload and the text of its header `reason`.
    pub(crate) async fn take(&self, queue: &str) -> Option<(Vec<u8>, Option<String>)> {
        let options = BasicGetOptions { no_ack: true };
        let taken = self.basic_get(queue.into(), options).await.unwrap()?;
        let headers = taken.properties.headers().clone().unwrap_or_default();
        let reason = headers
            .inner()
            .get("reason")
            .and_then(|reason| reason.as_long_string());
        Some((taken.data.clone(), reason.map(ToString::to_string)))
    }

    pub(crate) async fn delete(&self, queue: &str) {
        let deleted = self.queue_delete(queue.into(), QueueDeleteOptions::default());
        deleted.await.unwrap();
    }
}

pub(crate) fn new_id() -> MessageId {
    MessageId::from_uuid(Uuid::now_v7())
}

pub(crate) fn new_ids(count: usize) -> Vec<MessageId> {
    (0..count).map(|_| new_id()).collect()
}

pub(crate) async fn receive(queue: &RabbitMq) -> Delivery {
    timeout(PATIENCE, queue.receive())
        .await
        .expect("a job comes")
}

/// Waits until what one process offers reaches another, or itself. Offers made while the broker was
/// away may be lost, so each attempt makes one of its own.
pub(crate) async fn flows(publisher: &RabbitMq, worker: &RabbitMq) {
    eventually("offers arrive", async || {
        let id = new_id();
        publisher.offer(id, None);
        while let Ok(delivery) = timeout(Duration::from_millis(500), worker.receive()).await {
            let arrived = delivery.job.ids.contains(&id);
            delivery.acknowledge();
            if arrived {
                return true;
            }
        }
        false
    })
    .await;
}
