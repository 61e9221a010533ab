//! The bare drivers of MongoDB and RabbitMQ.

use anyhow::Context as _;
use clap::Args;
use lapin::options::BasicPublishOptions;
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use mongodb::bson::RawDocumentBuf;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

use super::statements::Text;
use crate::speed::ceiling::quorum_queue;

/// The name of the database, and of the queue.
pub(super) const NAME: &str = "ideal";

const POOL: u32 = 64;

const PERSISTENT: u8 = 2;

/// What a part of the pipeline works with.
#[derive(Debug, Clone, Args)]
pub struct Servers {
    /// Where the API is, which gets texts and callbacks.
    #[arg(long)]
    pub(super) port: u16,
    #[arg(long)]
    pub(super) mongo: String,
    #[arg(long)]
    pub(super) amqp: String,
    #[arg(long)]
    pub(super) provider: String,
}

impl Servers {
    pub(super) async fn database(&self) -> anyhow::Result<Database> {
        let mut options = ClientOptions::parse(&self.mongo).await?;
        options.max_pool_size = Some(POOL);
        Ok(Client::with_options(options)?.database(NAME))
    }

    /// A channel that confirms. The connection has to be kept.
    pub(super) async fn queue(&self) -> anyhow::Result<(Connection, Channel)> {
        quorum_queue(&self.amqp, NAME, FieldTable::default()).await
    }
}

/// Has a command executed, all of which must succeed.
pub(super) async fn write(database: Database, command: RawDocumentBuf) -> anyhow::Result<()> {
    let reply = database.run_raw_command(command).await?;
    let complete = ["writeErrors", "writeConcernError"]
        .iter()
        .all(|complaint| !reply.contains_key(complaint));
    complete
        .then_some(())
        .with_context(|| format!("MongoDB: {reply}"))
}

/// Publishes a job and waits until it is safe.
pub(super) async fn publish(channel: Channel, texts: Vec<Text>) -> anyhow::Result<()> {
    let payload = serde_json::to_vec(&texts)?;
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    let options = BasicPublishOptions::default();
    let published = channel.basic_publish("".into(), NAME.into(), options, &payload, properties);
    let taken = matches!(published.await?.await?, Confirmation::Ack(_));
    taken.then_some(()).context("the broker refused a job")
}
