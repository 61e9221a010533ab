//! What all loops of a worker share, and the steps that more than one of them takes.

use std::future::Future;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{
    Claim, Consent, Fact, FactEffect, LeaseToken, Message, MessageId, PhoneNumber, Step, Timestamp,
    UserId, Wish,
};
use mysms_core::ledger::{FactOutcome, Ledger};
use mysms_core::provider::{Provider, RemoteMessage};
use mysms_core::queue::{Announcement, Announcements, Queue};
use mysms_core::schedule::Schedule;
use mysms_core::store::{OptOuts, Result, Pauses, StoreError, Unwilling, Upkeep};
use rand::RngExt;
use runtime::config::{DeliveryConfig, ProviderConfig};
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio_util::sync::CancellationToken;

use crate::admission::Gate;
use crate::concurrency::{Concurrency, Permit};
use crate::status::WorkerStatus;

/// As whom a worker sends.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The provider account.
    pub account: String,
    /// Our number or service at the provider.
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
    pub(crate) opt_outs: Arc<dyn OptOuts>,
    pub(crate) unwilling: Unwilling,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) announcements: Arc<dyn Announcements>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) provider: Arc<dyn Provider>,
    /// As whom we send.
    pub(crate) identity: Identity,
    pub(crate) config: DeliveryConfig,
    pub(crate) concurrency: Concurrency,
    pub(crate) gate: Gate,
    pub(crate) status: WorkerStatus,
    pub(crate) lifecycle: Lifecycle,
}

/// Messages that are ended in one go.
const REFUSED_AT_ONCE: usize = 200;

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
            self.announcements.announce(Announcement { owner, at });
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

    /// When to ask for the status of a message that was accepted at `accepted_at` and asked for
    /// `polls` times; `None` once the ladder is over.
    pub(crate) fn poll_after(&self, accepted_at: Timestamp, polls: u32) -> Option<Timestamp> {
        let rung = self.config.status_polls.get(usize::try_from(polls).ok()?)?;
        Some((accepted_at + *rung).max(self.clock.now() + self.config.sweep_interval))
    }

    /// Records that the recipient of an attempt wants no texts, as the provider says, and ends what still
    /// waits to be sent to them.
    pub(crate) async fn heed_opt_out(&self, recipient: &PhoneNumber, claimed_at: Timestamp) {
        let now = self.clock.now();
        let wish = Wish {
            recipient: recipient.clone(),
            senders: vec![self.identity.sender.clone()],
            consent: Consent::Withdrawn,
            // It was so at the time of the attempt: what they have said since counts more.
            at: claimed_at,
        };
        let until = Some(now + self.config.lease());
        if self
            .write(until, || self.opt_outs.note(&wish, now))
            .await
            .is_none()
        {
            return;
        }
        self.unwilling.add(slice::from_ref(recipient));
        let unwanted = || self.opt_outs.refused_senders(&wish);
        let Some(senders) = self.write(until, unwanted).await else {
            return;
        };
        let refuse = || {
            self.ledger
                .refuse_queued(recipient, &senders, now, REFUSED_AT_ONCE)
        };
        while let Some(refused) = self.write(until, refuse).await {
            self.announce(refused.owners, now);
            if !refused.more {
                break;
            }
        }
    }

    /// What the provider says about a message when it is asked.
    pub(crate) fn fact_about(&self, id: MessageId, remote: &RemoteMessage) -> Fact {
        let now = self.clock.now();
        Fact {
            message: Some(id),
            sid: remote.sid.clone(),
            account: self.identity.account.clone(),
            status: remote.status,
            code: remote.error_code.clone(),
            detail: remote.unknown_word.clone(),
            at: now,
            poll_at: self.poll_after(now, 0),
        }
    }

    /// Records what the provider said, however long the ledger does not answer: a SID that is lost
    /// here has to be found again in the provider's list.
    pub(crate) async fn record_fact(&self, fact: &Fact) {
        let outcome = self.write(None, || self.ledger.apply_fact(fact)).await;
        if let Some(outcome) = outcome {
            self.metrics.learned(fact.status.status(), fact.at, outcome);
            self.announce(outcome.seen_by(), fact.at);
        }
        match outcome {
            Some(FactOutcome::Surplus {
                id,
                taken_twice: true,
                ..
            }) => {
                tracing::error!(message.id = %id, sid = %fact.sid,
                    "the provider took a message a second time");
            }
            Some(FactOutcome::Applied { id, .. })
                if fact.message.is_some_and(|asked| asked != id) =>
            {
                tracing::warn!(message.id = %id, sid = %fact.sid,
                    "the SID belongs to an identical message, whose twin is looked up later");
            }
            Some(FactOutcome::Applied {
                id,
                effect: FactEffect::Raised,
                ..
            }) => {
                tracing::debug!(message.id = %id, status = %fact.status.status(), "the status rose");
            }
            _ => {}
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
        for message in self.ledger.read(found).await? {
            self.settle_one_unclaimable(&message).await?;
        }
        Ok(())
    }

    async fn settle_one_unclaimable(&self, message: &Message) -> Result<()> {
        let now = self.clock.now();
        match (message.next_step(now), message.wake_at) {
            (Step::Expire, _) => self.end_expired(message, now).await?,
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

    async fn end_expired(&self, message: &Message, now: Timestamp) -> Result<()> {
        if self.ledger.expire(message.id, now).await? {
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
