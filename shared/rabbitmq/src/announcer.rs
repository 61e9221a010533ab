//! Announcements on a topic exchange of the broker, without any guarantee: neither they nor the queues
//! that hear them outlive anything, and nothing is confirmed.

use std::collections::HashMap;
use std::future::pending;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Consumer, ExchangeKind};
use mysms_core::domain::{Timestamp, UserId};
use mysms_core::queue::{Announcement, Announcements, BEHIND, Changed};
use runtime::config::AmqpConfig;
use runtime::lifecycle::Lifecycle;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::broker::{Broker, InvalidAmqpUrl};
use super::connections::Connections;
use super::failure::{Failure, answered};
use super::link::{Link, News};
use super::supervisor::{Desk, Role};

/// What waits to be published; beyond that it is dropped.
const MAILBOX: usize = 4096;

/// The pause between two publications. What is announced meanwhile becomes one of them, so that many
/// messages cost next to nothing.
const PAUSE: Duration = Duration::from_millis(50);

/// Entries in one publication.
const MOST: usize = 500;

/// What the broker keeps for a process that does not keep up; the oldest are dropped first.
const MAX_LENGTH: i32 = 1000;

/// Everybody hears of all users: the publications are few, and who watches whom changes often.
const ROUTING_KEY: &str = "changed";

const VERSION: u8 = 1;

/// Announcements by way of the topic exchange `{prefix}.events`, with the prefix of the dead jobs'
/// queue.
pub struct RabbitAnnouncements {
    mailbox: mpsc::Sender<Announcement>,
    heard: broadcast::Sender<Announcement>,
    connections: Connections,
}

impl RabbitAnnouncements {
    /// For a process that only announces: nobody hears anything here.
    pub fn announcing(config: &AmqpConfig, lifecycle: &Lifecycle) -> Result<Self, InvalidAmqpUrl> {
        Self::start(config, lifecycle, false)
    }

    /// For a process that hears what all announce, and announces as well.
    pub fn hearing(config: &AmqpConfig, lifecycle: &Lifecycle) -> Result<Self, InvalidAmqpUrl> {
        Self::start(config, lifecycle, true)
    }

    fn start(
        config: &AmqpConfig,
        lifecycle: &Lifecycle,
        listens: bool,
    ) -> Result<Self, InvalidAmqpUrl> {
        let (mailbox, waiting) = mpsc::channel(MAILBOX);
        let heard = broadcast::Sender::new(BEHIND);
        let announcer = Announcer {
            waiting,
            heard: listens.then(|| heard.clone()),
        };
        let connections = Connections::of(lifecycle);
        connections.open(Broker::new(config)?, announcer);
        Ok(Self {
            mailbox,
            heard,
            connections,
        })
    }

    /// Publishes what waits as far as possible within `grace`, and lets go of the connection.
    pub async fn close(&self, grace: Duration) {
        // What is lost by that is found all the same, by looking.
        self.connections.close(grace).await;
    }
}

impl Announcements for RabbitAnnouncements {
    fn announce(&self, announcement: Announcement) {
        // A full mailbox means that the broker is away, and whoever watches looks for themselves.
        let _ = self.mailbox.try_send(announcement);
    }

    fn subscribe(&self) -> broadcast::Receiver<Announcement> {
        self.heard.subscribe()
    }
}

/// Publishes what waits, and passes on what is heard.
struct Announcer {
    waiting: mpsc::Receiver<Announcement>,
    /// Absent if this process hears nothing.
    heard: Option<broadcast::Sender<Announcement>>,
}

/// Several announcements on their way.
#[derive(Serialize, Deserialize)]
struct Publication {
    version: u8,
    /// Users whose messages changed, each with the time of the earliest change in milliseconds.
    changed: Vec<(UserId, i64)>,
    /// Those whose endpoints did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<(UserId, i64)>,
    /// Those who noted something on conversations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<(UserId, i64)>,
}

impl Role for Announcer {
    const NAME: &'static str = "mysms announcer";

    async fn serve(&mut self, link: &mut Link, desk: &Desk) -> Result<(), Failure> {
        let channel = link.channel.clone();
        let exchange = declare(&channel, &desk.broker).await?;
        let mut consumer = match self.heard {
            Some(_) => Some(hear(&channel, &exchange).await?),
            None => None,
        };
        let (mut rested, mut blocked) = (Instant::now(), false);
        loop {
            let done = blocked || self.waiting.is_empty();
            tokio::select! {
                // A broker that takes nothing for now delivers all the same.
                news = link.news() => blocked = matches!(news?, News::Blocked(_)),
                () = desk.closing.cancelled(), if done => return Ok(()),
                delivery = next(&mut consumer) => match delivery {
                    Some(delivery) => self.pass_on(&delivery?.data),
                    None => return Err(Failure::QueueGone),
                },
                Some(first) = waited(&mut self.waiting, rested), if !blocked => {
                    let publication = self.gather(first);
                    publish(&channel, &exchange, &publication).await?;
                    rested = Instant::now() + PAUSE;
                }
            }
        }
    }

    /// Nothing is worth a new connection while the process ends.
    fn is_idle(&self) -> bool {
        true
    }
}

impl Announcer {
    /// Whatever waits forms one publication with `first`.
    fn gather(&mut self, first: Announcement) -> Publication {
        let mut gathered = HashMap::from([((first.owner, first.what), first.at)]);
        while gathered.len() < MOST
            && let Ok(Announcement { owner, what, at }) = self.waiting.try_recv()
        {
            let earliest = gathered.entry((owner, what)).or_insert(at);
            *earliest = at.min(*earliest);
        }
        let (mut changed, mut endpoints, mut marks) = (Vec::new(), Vec::new(), Vec::new());
        for ((owner, what), at) in gathered {
            let list = match what {
                Changed::Messages => &mut changed,
                Changed::Endpoints => &mut endpoints,
                Changed::Marks => &mut marks,
            };
            list.push((owner, at.as_millis()));
        }
        Publication {
            version: VERSION,
            changed,
            endpoints,
            marks,
        }
    }

    fn pass_on(&self, payload: &[u8]) {
        let Some(heard) = &self.heard else { return };
        let publication = serde_json::from_slice(payload).ok();
        let known = |publication: &Publication| publication.version == VERSION;
        let Some(publication) = publication.filter(known) else {
            // Of another version, say: whoever watches looks for themselves.
            tracing::debug!("an announcement cannot be read");
            return;
        };
        let Publication {
            changed,
            endpoints,
            marks,
            ..
        } = publication;
        for (what, list) in [
            (Changed::Messages, changed),
            (Changed::Endpoints, endpoints),
            (Changed::Marks, marks),
        ] {
            for (owner, at) in list {
                let at = Timestamp::from_millis(at);
                // It fails when nobody listens.
                let _ = heard.send(Announcement { owner, what, at });
            }
        }
    }
}

async fn next(consumer: &mut Option<Consumer>) -> Option<lapin::Result<lapin::message::Delivery>> {
    match consumer {
        Some(consumer) => consumer.next().await,
        None => pending().await,
    }
}

async fn waited(
    waiting: &mut mpsc::Receiver<Announcement>,
    rested: Instant,
) -> Option<Announcement> {
    sleep_until(rested).await;
    waiting.recv().await
}

async fn declare(channel: &Channel, broker: &Broker) -> Result<ShortString, Failure> {
    let declared = channel.exchange_declare(
        broker.events.clone(),
        ExchangeKind::Topic,
        ExchangeDeclareOptions::default(),
        FieldTable::default(),
    );
    answered(declared).await?;
    Ok(broker.events.clone())
}

/// Makes a queue that goes with this connection.
async fn hear(channel: &Channel, exchange: &ShortString) -> Result<Consumer, Failure> {
    let queue: ShortString = format!("{exchange}.{}", Uuid::new_v4().simple()).into();
    let of_this_connection = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let mut bounds = FieldTable::default();
    bounds.insert("x-max-length".into(), AMQPValue::LongInt(MAX_LENGTH));
    bounds.insert(
        "x-overflow".into(),
        AMQPValue::LongString("drop-head".into()),
    );
    answered(channel.queue_declare(queue.clone(), of_this_connection, bounds)).await?;
    let bound = channel.queue_bind(
        queue.clone(),
        exchange.clone(),
        ROUTING_KEY.into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    answered(bound).await?;
    let unacknowledged = BasicConsumeOptions {
        no_ack: true,
        ..BasicConsumeOptions::default()
    };
    let consumer = channel.basic_consume(queue, "".into(), unacknowledged, FieldTable::default());
    answered(consumer).await
}

#[expect(
    clippy::expect_used,
    reason = "a publication has nothing that JSON cannot express"
)]
async fn publish(
    channel: &Channel,
    exchange: &ShortString,
    publication: &Publication,
) -> Result<(), Failure> {
    let payload = serde_json::to_vec(publication).expect("a publication as JSON");
    let published = channel.basic_publish(
        exchange.clone(),
        ROUTING_KEY.into(),
        BasicPublishOptions::default(),
        &payload,
        BasicProperties::default(),
    );
    answered(published).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcer() -> (mpsc::Sender<Announcement>, Announcer) {
        let (mailbox, waiting) = mpsc::channel(MAILBOX);
        let heard = Some(broadcast::Sender::new(BEHIND));
        (mailbox, Announcer { waiting, heard })
    }

    #[tokio::test]
    async fn what_waits_is_one_publication_with_the_earliest_time_of_each_user() {
        let (mailbox, mut announcer) = announcer();
        let at = Timestamp::from_millis;
        let (john, jane) = (UserId::generate(at(1)), UserId::generate(at(2)));
        let first = Announcement::of_messages(john, at(7));
        for (owner, millis) in [(john, 9), (jane, 8), (john, 5), (jane, 8)] {
            let announcement = Announcement::of_messages(owner, at(millis));
            mailbox.send(announcement).await.unwrap();
        }
        let of_endpoints = Announcement::of_endpoints(jane, at(6));
        mailbox.send(of_endpoints).await.unwrap();
        let of_marks = Announcement::of_marks(john, at(4));
        mailbox.send(of_marks).await.unwrap();
        let mut published = announcer.gather(first);
        published.changed.sort_unstable_by_key(|(_, at)| *at);
        assert_eq!(published.changed, [(john, 5), (jane, 8)]);
        assert_eq!(published.endpoints, [(jane, 6)]);
        assert_eq!(published.marks, [(john, 4)]);
        assert!(announcer.waiting.is_empty());
    }

    #[tokio::test]
    async fn what_is_published_is_heard_and_rubbish_is_not() {
        let (_mailbox, announcer) = announcer();
        let mut heard = announcer.heard.as_ref().unwrap().subscribe();
        let owner = UserId::generate(Timestamp::EPOCH);
        let mut publication = Publication {
            version: VERSION + 1,
            changed: vec![(owner, 3)],
            endpoints: vec![(owner, 4)],
            marks: vec![(owner, 6)],
        };
        for rubbish in [
            &serde_json::to_vec(&publication).unwrap()[..],
            b"",
            b"{}",
            b"{\"version\":1,\"changed\":[[\"john\",1]]}",
        ] {
            announcer.pass_on(rubbish);
        }
        publication.version = VERSION;
        announcer.pass_on(&serde_json::to_vec(&publication).unwrap());
        let at = Timestamp::from_millis;
        for expected in [
            Announcement::of_messages(owner, at(3)),
            Announcement::of_endpoints(owner, at(4)),
            Announcement::of_marks(owner, at(6)),
        ] {
            assert_eq!(heard.try_recv().unwrap(), expected);
        }
        assert!(heard.is_empty());
        // Of a process that knows of messages alone.
        let of_before = format!(r#"{{"version":1,"changed":[["{owner}",5]]}}"#);
        announcer.pass_on(of_before.as_bytes());
        assert_eq!(
            heard.try_recv().unwrap(),
            Announcement::of_messages(owner, at(5))
        );
    }
}
