//! What all loops of a worker share, and the steps that more than one of them takes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Claim, LeaseToken, Message, MessageId, Step, Timestamp, UserId};
use mysms_core::ledger::Ledger;
use mysms_core::pace::{Desk, Feedback, Lines, SenderWatch, SettingsWatch};
use mysms_core::provider::Provider;
use mysms_core::queue::{Announcement, Announcements, Queue};
use mysms_core::reception::{Reception, Wishes};
use mysms_core::schedule::Schedule;
use mysms_core::store::{
    Pauses, Records, Result, StoreError, Told, Turns, Unwilling, Upkeep, Uploads,
};
use rand::RngExt;
use runtime::config::{DeliveryConfig, ProviderConfig};
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio_util::sync::CancellationToken;

use crate::admission::Gate;
use crate::concurrency::{Concurrency, Permit};
use crate::pacing::Pacers;
use crate::status::WorkerStatus;

/// As whom a worker sends.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The provider account.
    pub account: String,
    /// The number or service of the environment, which is the only sender unless operators add others.
    pub sender: String,
    /// A fingerprint of the credentials, which differs from that of others.
    pub credential: String,
}

impl From<&ProviderConfig> for Identity {
    fn from(provider: &ProviderConfig) -> Self {
        Self {
            account: provider.account.clone(),
            sender: provider.sender.as_str().to_owned(),
            credential: provider.credentials.fingerprint(),
        }
    }
}

/// What all loops of a worker share.
pub(crate) struct Context {
    pub(crate) ledger: Ledger,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) pauses: Arc<dyn Pauses>,
    pub(crate) told: Arc<dyn Told>,
    pub(crate) unwilling: Arc<Unwilling>,
    pub(crate) wishes: Arc<Wishes>,
    pub(crate) reception: Reception,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) settings: SettingsWatch,
    pub(crate) turns: Arc<dyn Turns>,
    pub(crate) uploads: Arc<dyn Uploads>,
    pub(crate) senders: Arc<SenderWatch>,
    pub(crate) lines: Lines,
    pub(crate) desk: Desk,
    pub(crate) feedback: Feedback,
    pub(crate) pacers: Pacers,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) announcements: Arc<dyn Announcements>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) provider: Arc<dyn Provider>,
    /// As whom we send.
    pub(crate) identity: Identity,
    pub(crate) public_base_url: Option<String>,
    pub(crate) config: DeliveryConfig,
    pub(crate) concurrency: Concurrency,
    pub(crate) gate: Gate,
    pub(crate) status: WorkerStatus,
    pub(crate) lifecycle: Lifecycle,
}

/// The least and the longest pause between two tries of an unanswered write.
const WRITE_RETRY: Schedule = Schedule {
    initial: Duration::from_millis(100),
    max: Duration::from_secs(5),
};

impl Context {
    pub(crate) fn stop(&self) -> CancellationToken {
        self.lifecycle.soft()
    }

    /// The terms of a claim made now.
    pub(crate) fn new_claim(&self) -> Claim {
        let now = self.clock.now();
        Claim {
            token: LeaseToken::generate(),
            now,
            until: now + self.config.lease(),
        }
    }

    /// Waits for one permit and takes up to `most`; returns none when it is time to stop.
    pub(crate) async fn permits(&self, most: usize) -> Vec<Permit> {
        let stop = self.stop();
        tokio::select! {
            () = stop.cancelled() => Vec::new(),
            permits = self.concurrency.acquire(most) => permits,
        }
    }

    /// Announces that something changed for some users, at a time that is its `updated_at`.
    pub(crate) fn announce(&self, owners: impl IntoIterator<Item = UserId>, at: Timestamp) {
        for owner in owners {
            let announcement = Announcement::of_messages(owner, at);
            self.announcements.announce(announcement);
        }
    }

    /// A random number from 0 to 1, so that workers do not move in step.
    pub(crate) fn jitter() -> f64 {
        rand::rng().random()
    }

    /// Waits for a jittered sweep interval; returns false when it is time to stop.
    pub(crate) async fn rest(&self) -> bool {
        self.pause_for(self.config.sweep_interval.mul_f64(0.5 + Self::jitter()))
            .await
    }

    /// Waits; returns false when it is time to stop.
    pub(crate) async fn pause_for(&self, time: Duration) -> bool {
        let stop = self.stop();
        tokio::select! {
            () = stop.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    /// Repeats a write until the store answers, the time is over or the process has to end. Every
    /// operation of the ledger may be repeated with the same arguments.
    pub(crate) async fn write<T, F>(
        &self,
        until: Option<Timestamp>,
        operation: impl Fn() -> F,
    ) -> Option<T>
    where
        F: Future<Output = Result<T>>,
    {
        let hard = self.lifecycle.hard();
        let mut tries = 0;
        loop {
            match operation().await {
                Ok(answer) => return Some(answer),
                Err(error) => log_store_error(&error, tries == 0),
            }
            tries += 1;
            let delay = WRITE_RETRY.delay(tries).mul_f64(0.5 + Self::jitter() / 2.0);
            if until.is_some_and(|until| self.clock.now() + delay > until) {
                return None;
            }
            tokio::select! {
                () = hard.cancelled() => return None,
                () = tokio::time::sleep(delay) => {}
            }
        }
    }

    /// Repairs what was found due although nobody could take it: ends what has expired, and moves an alarm
    /// that rings for nothing, which an invariant rules out.
    pub(crate) async fn settle_unclaimable(&self, found: &[MessageId]) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let found = self.ledger.read(found).await?;
        let is_expired = |message: &Message| message.next_step(now) == Step::Expire;
        let (expired, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_expired);
        for message in &others {
            self.settle_one_unclaimable(message, now).await?;
        }
        self.end_expired(expired).await
    }

    async fn settle_one_unclaimable(&self, message: &Message, now: Timestamp) -> Result<()> {
        match (message.next_step(now), message.wake_at) {
            (Step::Rest, Some(wake_at)) if wake_at <= now => {
                tracing::error!(message.id = %message.id, status = %message.status,
                    "an alarm rang for a message with nothing to do");
                self.ledger
                    .push_alarm(message.id, message.status, wake_at, now)
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends those of some messages, which were just read, that were not sent in time.
    pub(crate) async fn end_expired(&self, messages: Vec<Message>) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        for message in self.ledger.expire_these(messages, now).await? {
            self.announce([message.owner], now);
            self.count_expired();
        }
        Ok(())
    }
}

/// Logs the first failure of an operation; its repeats only for those who debug.
pub(crate) fn log_store_error(error: &StoreError, first: bool) {
    let error = Chain(error);
    if first {
        tracing::warn!(%error, "the ledger did not answer, trying again");
    } else {
        tracing::debug!(%error, "the ledger still does not answer");
    }
}
