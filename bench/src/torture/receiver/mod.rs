//! The fourth book: what somebody was told who has us call them when texts change.
//!
//! Each user has a receiver that refuses events, answers too late or not at all, forgets to say that it took
//! one, and goes away. What it noted is compared with the ledger: every message was told as it is in the end,
//! with every step, and no event speaks of one before it that was never taken.

mod book;
mod server;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use lab::Account;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::judge::Offence;
use super::ledger::Ledger;
use book::Book;
pub use book::Told;
use server::Server;

/// How long after everything else became quiet all has to be told: the look that finds what was stored late
/// trails by two minutes.
const UNTIL_TOLD: Duration = Duration::from_mins(4);

/// How often what waits is made due.
const AGAIN: Duration = Duration::from_secs(5);

/// The receivers of all users.
pub(super) struct Receivers {
    all: Vec<Receiver>,
    /// They end with this.
    _serving: JoinSet<()>,
}

struct Receiver {
    user: Account,
    webhook: String,
    server: Arc<Server>,
}

impl Receivers {
    /// Gives each user one. `seed` decides what they do.
    pub(super) async fn begin(users: &[Account], base: &str, seed: u64) -> anyhow::Result<Self> {
        let (mut all, mut serving) = (Vec::new(), JoinSet::new());
        for (user, n) in users.iter().zip(0..) {
            let server = Arc::new(Server::bind(seed.wrapping_add(n)).await?);
            let url = server.url();
            let made = call(user, base, "/webhooks", &json!({"url": url})).await?;
            let webhook = made["id"].as_str().context("a webhook with an id")?;
            all.push(Receiver {
                user: user.clone(),
                webhook: webhook.to_owned(),
                server: Arc::clone(&server),
            });
            serving.spawn(async move { server.serve().await });
        }
        Ok(Self {
            all,
            _serving: serving,
        })
    }

    /// Lets all of them take everything, and waits until they were told of all messages as the ledger has
    /// them by then; says what is wrong with what they were told.
    pub(super) async fn testify(
        &self,
        ledger: &Ledger,
        base: &str,
    ) -> anyhow::Result<(Told, Vec<Offence>)> {
        for receiver in &self.all {
            receiver.server.behave();
        }
        let deadline = Instant::now() + UNTIL_TOLD;
        loop {
            // What was refused a moment ago would wait for minutes.
            for receiver in &self.all {
                let path = format!("/webhooks/{}/enable", receiver.webhook);
                call(&receiver.user, base, &path, &json!({"from": "place"})).await?;
            }
            // First, because what changes between both looks may be told before it is looked at.
            let rows = ledger.rows().await?;
            let book = self.book();
            if book.is_complete(&rows) || Instant::now() > deadline {
                return Ok(book.compare(&rows));
            }
            sleep(AGAIN).await;
        }
    }

    fn book(&self) -> Book {
        let books = self.all.iter().map(|receiver| receiver.server.book());
        Book::joined(books)
    }
}

async fn call(user: &Account, base: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
    let answer = user.request(Method::POST, base, path).json(body).send();
    Ok(answer.await?.error_for_status()?.json().await?)
}
