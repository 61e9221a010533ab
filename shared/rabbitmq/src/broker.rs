use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::uri::AMQPUri;
use runtime::config::AmqpConfig;
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::failure::{Failure, answered};

/// Part of the name, because a queue cannot be declared anew with other arguments.
const VERSION: &str = "v1";

/// The most jobs a queue holds; what is over that is refused, and the ledger has it.
const MAX_LENGTH: i32 = 10_000;

/// The driver waits for two of these, in seconds, until it takes a silent broker for lost.
const HEARTBEAT: u16 = 10;

/// The largest frame in bytes, for each of which the driver reserves 64: with RabbitMQ's own 128 KiB
/// every connection would take 8 MiB. RabbitMQ 4.1 takes no less than 8 KiB.
const FRAME_MAX: u32 = 16 * 1024;

/// `AMQP_URL` is none that the driver understands. It is not repeated, as it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("AMQP_URL is not a usable AMQP URL")]
pub struct InvalidAmqpUrl;

/// Where the broker is, and our queues on it.
#[derive(Clone)]
pub(super) struct Broker {
    pub(super) uri: AMQPUri,
    pub(super) queue: ShortString,
    pub(super) dead: ShortString,
    /// The exchange of the announcements.
    pub(super) events: ShortString,
}

impl Broker {
    pub(super) fn new(config: &AmqpConfig) -> Result<Self, InvalidAmqpUrl> {
        let prefix = config
            .queue
            .rsplit_once('.')
            .map_or(&*config.queue, |(prefix, _)| prefix);
        Ok(Self {
            uri: parse(config.url.expose_secret()).ok_or(InvalidAmqpUrl)?,
            queue: format!("{}.{VERSION}", config.queue).into(),
            dead: format!("{prefix}.dead").into(),
            events: format!("{prefix}.events").into(),
        })
    }

    pub(super) async fn declare(&self, channel: &Channel) -> Result<(), Failure> {
        for queue in [&self.queue, &self.dead] {
            let durable = QueueDeclareOptions {
                durable: true,
                ..QueueDeclareOptions::default()
            };
            answered(channel.queue_declare(queue.clone(), durable, arguments())).await?;
        }
        Ok(())
    }
}

fn parse(url: &str) -> Option<AMQPUri> {
    let mut uri: AMQPUri = url.parse().ok()?;
    // The driver's parser takes an IPv6 address for no host at all, which it calls localhost.
    if let Some(Host::Ipv6(address)) = Url::parse(url).ok()?.host() {
        uri.authority.host = address.to_string();
    }
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    uri.query.frame_max.get_or_insert(FRAME_MAX);
    Some(uri)
}

fn arguments() -> FieldTable {
    let text = |text: &str| AMQPValue::LongString(text.into());
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(MAX_LENGTH));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(url: &str, queue: &str) -> Result<Broker, InvalidAmqpUrl> {
        let (url, queue) = (url.into(), queue.to_owned());
        Broker::new(&AmqpConfig { url, queue })
    }

    #[test]
    fn the_names_of_the_queues_follow_from_the_configured_one() {
        for (configured, queue, dead) in [
            ("mysms.send", "mysms.send.v1", "mysms.dead"),
            ("a.b.send", "a.b.send.v1", "a.b.dead"),
            ("jobs", "jobs.v1", "jobs.dead"),
        ] {
            let broker = broker("amqp://localhost", configured).unwrap();
            assert_eq!((broker.queue.as_str(), broker.dead.as_str()), (queue, dead));
        }
    }

    #[test]
    fn frames_are_small_unless_the_url_wants_others() {
        let frames = |url| broker(url, "q").unwrap().uri.query.frame_max;
        assert_eq!(frames("amqp://localhost"), Some(16_384));
        assert_eq!(frames("amqp://localhost/%2f?frame_max=65536"), Some(65_536));
    }

    #[test]
    fn the_heartbeat_is_ten_seconds_unless_the_url_has_another() {
        let heartbeat = |url| broker(url, "q").unwrap().uri.query.heartbeat;
        assert_eq!(heartbeat("amqp://localhost"), Some(10));
        assert_eq!(heartbeat("amqp://localhost/%2f?heartbeat=2"), Some(2));
    }

    #[test]
    fn the_host_is_the_one_of_the_url() {
        for (url, host) in [
            ("amqp://rabbitmq:5672/%2f", "rabbitmq"),
            ("amqp://127.0.0.1", "127.0.0.1"),
            ("amqps://[2001:db8::1]:5671", "2001:db8::1"),
        ] {
            assert_eq!(broker(url, "q").unwrap().uri.authority.host, host);
        }
    }

    #[test]
    fn a_url_that_cannot_be_used_is_not_repeated() {
        let url = "amqp://user:secret@rabbitmq/%2f?heartbeat=often";
        let error = broker(url, "q").err().unwrap();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
