//! What the machine gives: bare drivers, with the same durability and concurrency as ours.

use anyhow::Context as _;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use mongodb::bson::{Binary, Bson, DateTime, Document, doc, spec::BinarySubtype};
use mongodb::options::{Acknowledgment, ClientOptions, CollectionOptions, WriteConcern};
use mongodb::{Client, Collection};

use super::load::{Requests, body};

/// Inserts one document after the other, each as large as a message of ours.
#[derive(Clone)]
pub(super) struct BareInserts(Collection<Document>);

impl BareInserts {
    /// Into a collection of its own, without any index but the one of the ids.
    pub(super) async fn open(uri: &str, at_once: u32) -> anyhow::Result<Self> {
        let mut options = ClientOptions::parse(uri).await?;
        options.max_pool_size = Some(at_once);
        let durable = WriteConcern::builder()
            .w(Acknowledgment::Majority)
            .journal(true)
            .build();
        let database = Client::with_options(options)?.database("ceiling");
        let options = CollectionOptions::builder().write_concern(durable).build();
        Ok(Self(database.collection_with_options("messages", options)))
    }
}

impl Requests for BareInserts {
    async fn request(&mut self) -> anyhow::Result<()> {
        self.0.insert_one(document()).await?;
        Ok(())
    }
}

/// A message as the ledger keeps it, of an owner of its own.
pub(super) fn document() -> Document {
    let now = DateTime::now();
    doc! {
        "_id": uuid(),
        "owner": uuid(),
        "account": "AC00000000000000000000000000000000",
        "direction": "outbound",
        "sent_at": now,
        "updated_at": now,
        "expires_at": now,
        "status": "queued",
        "rank": 0,
        "not_before": now,
        "attempts": 0,
        "polls": 0,
        "visible": true,
        "timeline": [{ "at": now, "event": "queued", "status": "queued" }],
        "recipient": "+14155550100",
        "body": body(rand::random_range(0..1_000_000)),
        "counterpart": "+14155550100",
        "wake_at": now,
    }
}

fn uuid() -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Uuid,
        bytes: rand::random::<[u8; 16]>().to_vec(),
    })
}

/// Publishes one persistent job after the other to a quorum queue, and awaits each confirmation.
#[derive(Clone)]
pub(super) struct BarePublishes {
    channel: Channel,
    _connection: std::sync::Arc<Connection>,
}

const QUEUE: &str = "ceiling";

/// The jobs that are kept; older ones are dropped, so that they cost nothing later.
const KEPT: i32 = 1_000;

impl BarePublishes {
    pub(super) async fn open(url: &str) -> anyhow::Result<Self> {
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-length".into(), AMQPValue::LongInt(KEPT));
        let (connection, channel) = quorum_queue(url, QUEUE, arguments).await?;
        Ok(Self {
            channel,
            _connection: std::sync::Arc::new(connection),
        })
    }
}

/// Makes a quorum queue, and a channel that confirms what is published.
pub(super) async fn quorum_queue(
    url: &str,
    name: &str,
    mut arguments: FieldTable,
) -> anyhow::Result<(Connection, Channel)> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(name.into(), options, arguments)
        .await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    Ok((connection, channel))
}

impl Requests for BarePublishes {
    async fn request(&mut self) -> anyhow::Result<()> {
        let payload = br#"{"version":1,"ids":["01900000-0000-7000-8000-000000000000"]}"#;
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        let published =
            self.channel
                .basic_publish("".into(), QUEUE.into(), options, payload, persistent);
        let confirmed = published.await?.await?;
        let taken = matches!(confirmed, Confirmation::Ack(_));
        taken.then_some(()).context("the broker refused a job")
    }
}
