use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation};
use mysms_core::domain::MessageId;
use mysms_core::queue::{JOB_LIMIT, Job};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::broker::Broker;
use super::failure::{Failure, answered};
use super::link::{Link, News};
use super::payload::Unreadable;
use super::receipt::Receipt;
use super::supervisor::{Desk, Role};

/// The most publications on their way to the broker: while one is being confirmed, another is made
/// ready. With more, each would carry fewer ids, but cost the broker as much and lead to as many claims.
const UNCONFIRMED: usize = 2;

/// How long the broker may take to confirm, which it does once a majority has the message on disk. Then
/// the connection counts as lost.
const CONFIRMATION: Duration = Duration::from_secs(10);

const PERSISTENT: u8 = 2;

/// A message to be queued.
pub(super) struct Offer {
    pub(super) id: MessageId,
    pub(super) trace: Option<String>,
}

/// A job that cannot be read, to be moved to the dead ones.
pub(super) struct DeadLetter {
    pub(super) payload: Vec<u8>,
    pub(super) reason: Unreadable,
    pub(super) receipt: Receipt,
}

/// Publishes what is offered, in as few jobs as possible, and moves unreadable jobs to the dead ones.
pub(super) struct Publisher {
    offers: mpsc::Receiver<Offer>,
    dead_letters: mpsc::Receiver<DeadLetter>,
}

impl Publisher {
    pub(super) fn new(
        offers: mpsc::Receiver<Offer>,
        dead_letters: mpsc::Receiver<DeadLetter>,
    ) -> Self {
        Self {
            offers,
            dead_letters,
        }
    }

    /// Everything that waits forms one job with `first`.
    fn job(&mut self, first: Offer) -> Job {
        let more = std::iter::from_fn(|| self.offers.try_recv().ok());
        let offers = std::iter::once(first).chain(more.take(JOB_LIMIT - 1));
        Job::new(offers.map(|offer| (offer.id, offer.trace)))
    }
}

impl Role for Publisher {
    const NAME: &'static str = "mysms publisher";

    async fn serve(&mut self, link: &mut Link, desk: &Desk) -> Result<(), Failure> {
        let channel = link.channel.clone();
        answered(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        // Jobs that are unconfirmed when the connection is lost are not published again: their messages have
        // alarms, and the sweeper finds them.
        let mut unconfirmed = FuturesUnordered::new();
        loop {
            let room = unconfirmed.len() < UNCONFIRMED;
            // What was offered before closing is still published.
            let done = self.is_idle() && unconfirmed.is_empty();
            tokio::select! {
                news = link.news() => if let News::Blocked(reason) = news?
                    && !is_unblocked(link, desk, reason).await?
                {
                    // Closing does not wait for a broker that takes nothing.
                    return Ok(());
                },
                () = desk.closing.cancelled(), if done => return Ok(()),
                Some(confirmed) = unconfirmed.next() => confirmed?,
                Some(dead) = self.dead_letters.recv(), if room => {
                    unconfirmed.push(publish(channel.clone(), Publication::of_dead_job(dead, &desk.broker)));
                }
                Some(offer) = self.offers.recv(), if room => {
                    let job = self.job(offer);
                    unconfirmed.push(publish(channel.clone(), Publication::of_job(&job, &desk.broker)));
                }
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.offers.is_empty() && self.dead_letters.is_empty()
    }
}

/// Waits until the broker takes jobs again; returns false when closing comes first. A blocked broker
/// reads nothing, so it confirms nothing either, and no confirmation is late.
async fn is_unblocked(link: &mut Link, desk: &Desk, reason: String) -> Result<bool, Failure> {
    tracing::warn!(reason, "RabbitMQ takes nothing for now");
    desk.down(format!("the broker takes nothing for now: {reason}"));
    loop {
        tokio::select! {
            () = desk.closing.cancelled() => return Ok(false),
            news = link.news() => if matches!(news?, News::Unblocked) { break },
        }
    }
    tracing::info!("RabbitMQ takes jobs again");
    desk.up();
    Ok(true)
}

/// A message to one of our queues.
struct Publication {
    queue: ShortString,
    payload: Vec<u8>,
    properties: BasicProperties,
    /// Of the delivery that it replaces.
    receipt: Option<Receipt>,
}

impl Publication {
    #[expect(
        clippy::expect_used,
        reason = "a job has nothing that JSON cannot express"
    )]
    fn of_job(job: &Job, broker: &Broker) -> Self {
        Self {
            queue: broker.queue.clone(),
            payload: serde_json::to_vec(job).expect("a job as JSON"),
            properties: persistent().with_content_type("application/json".into()),
            receipt: None,
        }
    }

    fn of_dead_job(dead: DeadLetter, broker: &Broker) -> Self {
        let mut headers = FieldTable::default();
        let reason = dead.reason.to_string();
        headers.insert("reason".into(), AMQPValue::LongString(reason.into()));
        Self {
            queue: broker.dead.clone(),
            payload: dead.payload,
            properties: persistent().with_headers(headers),
            receipt: Some(dead.receipt),
        }
    }
}

fn persistent() -> BasicProperties {
    BasicProperties::default().with_delivery_mode(PERSISTENT)
}

/// Hands something to the broker and waits until it is safe there, or refused because the queue is full.
async fn publish(channel: Channel, publication: Publication) -> Result<(), Failure> {
    let taken = put(
        &channel,
        &publication.queue,
        &publication.payload,
        publication.properties,
    )
    .await?;
    match &publication.receipt {
        _ if taken => {}
        Some(_) => {
            tracing::warn!(queue = %publication.queue, "the queue of dead jobs is full; one is dropped");
        }
        None => tracing::debug!("the queue is full, the sweeper will find the messages"),
    }
    // Also if the dead letter was dropped: otherwise the job that nobody can read would come again
    // for ever.
    if let Some(receipt) = publication.receipt {
        receipt.acknowledge();
    }
    Ok(())
}

/// Puts something in a queue, on a channel that confirms; returns false if the queue is full.
pub(super) async fn put(
    channel: &Channel,
    queue: &ShortString,
    payload: &[u8],
    properties: BasicProperties,
) -> Result<bool, Failure> {
    let mandatory = BasicPublishOptions {
        // Otherwise the broker confirms what it had no queue for.
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let confirmed = timeout(CONFIRMATION, async {
        let exchange = ShortString::default();
        let published =
            channel.basic_publish(exchange, queue.clone(), mandatory, payload, properties);
        published.await?.await
    });
    match confirmed.await.map_err(|_| Failure::Silent)?? {
        Confirmation::Ack(None) | Confirmation::NotRequested => Ok(true),
        // Returned to us: somebody deleted the queue. The next connection declares it again.
        Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Err(Failure::QueueGone),
        Confirmation::Nack(None) => Ok(false),
    }
}
