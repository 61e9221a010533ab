//! How fast endpoints are told what changed, whether one that hangs is felt by others, and what those cost
//! for which nothing happens.

mod crowd;
mod figures;
mod hanging;
mod receiver;
mod throughput;

use std::time::Duration;

use anyhow::Context as _;
use lab::Account;
use mongodb::Database;
use mongodb::bson::{Bson, DateTime, Document, Uuid, doc};
use reqwest::Method;
use serde_json::{Value, json};

use self::receiver::Receiver;
use super::delivering::{CALLBACKS, post, until};
use super::load::Target;
use super::{Options, Scale};
use crate::messenger::{Setup, Stack, prepare};

pub use figures::Webhooks;

/// Documents inserted by one command.
const BATCH: usize = 1_000;

/// A messenger on its servers, and a receiver.
struct Stage {
    stack: Stack,
    database: Database,
    receiver: Receiver,
    scale: Scale,
}

/// A user of it.
struct User {
    account: Account,
    target: Target,
}

/// A run of its own. `progress` is told a line now and then.
pub async fn webhooks(options: &Options, progress: impl Fn(String)) -> anyhow::Result<Webhooks> {
    let directory = options.directory.join("webhooks");
    prepare(&directory)?;
    progress("starting a messenger with receivers of webhooks".to_owned());
    let stack = Stack::start(&options.programs, &directory, Setup::default()).await?;
    let mut stage = Stage {
        database: stack.database().await?,
        stack,
        receiver: Receiver::start().await?,
        scale: options.scale,
    };
    let mut figures = Webhooks::default();
    throughput::measure(&mut stage, &mut figures, &progress).await?;
    hanging::measure(&mut stage, &mut figures, &progress).await?;
    crowd::measure(&mut stage, &mut figures, &progress).await?;
    Ok(figures)
}

impl Stage {
    async fn user(&self, name: &str) -> anyhow::Result<User> {
        let http = lab::http(Duration::from_secs(30))?;
        let account = Account::sign_up(http, &self.stack.api, name).await?;
        let target = Target::new(&self.stack.api, account.token())?;
        Ok(User { account, target })
    }

    /// Makes a webhook; returns its id.
    async fn webhook(&self, user: &User, url: &str) -> anyhow::Result<String> {
        let made = self.call(user, "/webhooks", &json!({"url": url})).await?;
        let id = made["id"].as_str().context("a webhook with an id")?;
        Ok(id.to_owned())
    }

    async fn call(&self, user: &User, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = user.account.request(Method::POST, &self.stack.api, path);
        let answer = request.json(body).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// A message of this user that was delivered, for others to be made like it.
    async fn delivered(&mut self, user: &User) -> anyhow::Result<Message> {
        let before = u64::try_from(self.stack.provider.callbacks_delivered().await?)?;
        self.stack.add_worker().await?;
        post(&user.target, 1).await?;
        let provider = &self.stack.provider;
        until(before + CALLBACKS, "callbacks are stored", || {
            provider.callbacks_delivered()
        })
        .await?;
        self.stack.end_workers().await?;
        let messages = self.database.collection::<Document>("messages");
        let newest = messages
            .find_one(doc! {})
            .sort(doc! {"sent_at": -1})
            .await?;
        let mut example = newest.context("a message")?;
        let owner = example.get("owner").cloned().context("an owner")?;
        // What no two messages may have in common.
        example.remove("idempotency_key");
        example.remove("provider");
        Ok(Message { example, owner })
    }

    /// Removes all webhooks with all that is known of them.
    async fn forget_webhooks(&self) -> anyhow::Result<()> {
        let records = self.database.collection::<Document>("records");
        let of_webhooks = doc! {"_id.kind": {"$in": ["endpoint", "progress", "attempts"]}};
        records.delete_many(of_webhooks).await?;
        let told = self.database.collection::<Document>("told");
        told.delete_many(doc! {}).await?;
        Ok(())
    }

    /// Stores messages that have just been delivered.
    async fn store(&self, messages: impl Iterator<Item = Document>) -> anyhow::Result<()> {
        let collection = self.database.collection::<Document>("messages");
        insert_all(&collection, messages).await
    }
}

/// What messages are made like.
struct Message {
    example: Document,
    owner: Bson,
}

impl Message {
    /// Another one, which changed just now.
    fn of(&self, owner: &Bson) -> Document {
        let mut message = self.example.clone();
        message.insert("_id", Uuid::new());
        message.insert("owner", owner);
        message.insert("updated_at", DateTime::now());
        message
    }
}

async fn insert_all(
    collection: &mongodb::Collection<Document>,
    documents: impl Iterator<Item = Document>,
) -> anyhow::Result<()> {
    let mut documents = documents.peekable();
    while documents.peek().is_some() {
        let batch: Vec<_> = documents.by_ref().take(BATCH).collect();
        collection.insert_many(batch).ordered(false).await?;
    }
    Ok(())
}
