//! Sends one claimed message and settles what came of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use mysms_core::domain::{
    Claim, Claimant, Content, Message, MessageId, SenderAddress, Settlement, Timestamp,
};
use mysms_core::pace::until_midnight;
use mysms_core::provider::{NotSentReason, OutgoingText, Pressure, StartDeadline, Verdict};
use mysms_core::store::Result;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{Instrument, Span};

use crate::concurrency::Permit;
use crate::context::{Context, log_store_error};
use crate::faults;

/// The request was not made, for a reason that is not the provider's.
pub(crate) const NOT_BEGUN: Verdict = Verdict::NotSent {
    reason: NotSentReason::DeadlinePassed,
};

/// An answer within this part of the start window leaves time enough to wait for another.
const PROMPT: u32 = 5;

/// A message in the hands of this worker.
pub(crate) struct Attempt {
    pub(crate) message: Message,
    pub(crate) claim: Claim,
    /// From where it is sent.
    pub(crate) sender: SenderAddress,
    /// Before this the POST must not begin, if it has a place in a slot of its sender's line.
    pub(crate) place: Option<Instant>,
    /// After this the POST must not begin.
    pub(crate) deadline: StartDeadline,
    pub(crate) probe: bool,
}

impl Context {
    /// Claims as many of `ids` as there are permits, starts to send what was won from the environment's
    /// sender, each within its span; returns which those were.
    pub(crate) async fn claim_and_send(
        self: &Arc<Self>,
        ids: &[MessageId],
        permits: Vec<Permit>,
        probe: bool,
        span: impl Fn(MessageId) -> Span,
    ) -> Result<Vec<MessageId>> {
        let (claim, deadline) = self.begin_claim();
        let ids = &ids[..ids.len().min(permits.len())];
        let by = Claimant {
            account: &self.identity.account,
            sender: &self.identity.sender,
            others: &[],
        };
        let claimed = self.ledger.claim(ids, by, claim).await?;
        self.announce(claimed.iter().map(|message| message.owner), claim.now);
        let won = claimed.iter().map(|message| message.id).collect();
        for (message, permit) in claimed.into_iter().zip(permits) {
            let span = span(message.id);
            let attempt = Attempt {
                message,
                claim,
                sender: SenderAddress::known(&self.identity.sender),
                place: None,
                deadline: deadline.clone(),
                probe,
            };
            self.begin(attempt, permit, span);
        }
        Ok(won)
    }

    /// The terms of a claim made now in order to send, and until when the POST may begin: the start window
    /// counts from before the claim is first asked for, by both clocks.
    pub(crate) fn begin_claim(&self) -> (Claim, StartDeadline) {
        let started = Instant::now();
        let claim = self.new_claim();
        let clock = Arc::clone(&self.clock);
        let window = self.config.start_window;
        let deadline = StartDeadline::new(window, started, self.clock.wall(), clock);
        (claim, deadline)
    }

    /// Starts to send what was claimed.
    pub(crate) fn begin(self: &Arc<Self>, attempt: Attempt, permit: Permit, span: Span) {
        let context = Arc::clone(self);
        #[cfg(test)]
        crate::rig::preparing(1);
        let sending = async move { context.send(attempt, permit).await };
        self.lifecycle.tracker().spawn(sending.instrument(span));
    }

    #[tracing::instrument(skip_all, fields(message.id = %attempt.message.id, attempt = attempt.message.attempts))]
    async fn send(self: &Arc<Self>, mut attempt: Attempt, mut permit: Permit) {
        let prepared = self.prepare(&mut attempt).await;
        #[cfg(test)]
        crate::rig::preparing(-1);
        let verdict = match prepared {
            Ok(Some(settlement)) => {
                drop(permit);
                return self.withhold(&attempt, settlement).await;
            }
            Ok(None) => self.call_in_turn(&attempt, &mut permit).await,
            Err(error) => {
                log_store_error(&error, true);
                NOT_BEGUN
            }
        };
        self.count_attempt(&attempt.message, &verdict);
        if let Err(error) = self.learn(&attempt, &verdict).await {
            log_store_error(&error, true);
        }
        let _storing = permit.answered().await;
        self.settle(&attempt, verdict).await;
    }

    /// Lets the outcome of an attempt bear on what is sent next.
    async fn learn(&self, attempt: &Attempt, verdict: &Verdict) -> Result<()> {
        let sender = attempt.sender.as_str();
        match verdict {
            Verdict::Accepted(_) => self.concurrency.succeeded(),
            Verdict::Throttled { code, slow, .. } => {
                // What is too much for a paced sender need not be too much for the others.
                if attempt.place.is_none() || !slow {
                    self.concurrency.throttled(Instant::now().into_std());
                }
                let pressure = self.provider.glossary().pressure(code);
                if pressure == Some(Pressure::SlowDown)
                    && let Err(error) = self.feedback.slow_down(&attempt.message).await
                {
                    log_store_error(&error, true);
                }
            }
            Verdict::SpentToday { code, detail } => {
                let registry = self.senders.registry().await?;
                let now = self.clock.now();
                let pause = until_midnight(&registry, &attempt.message, code, detail, now);
                if let Some(pause) = pause {
                    return self.gate.hold(sender, pause, attempt.probe).await;
                }
            }
            _ if *verdict == NOT_BEGUN && attempt.place.is_some() => {
                self.metrics.line_slots_missed.inc();
            }
            _ => {}
        }
        self.gate.learn(sender, verdict, attempt.probe).await
    }

    /// Whether the recipient of a message that is `sending` wants no texts from a sender. The store is asked,
    /// after the claim: recording an opt-out ends only what is queued at that moment, and a message may have
    /// been stored since by an API that had not heard of it, or been `sending` then.
    pub(crate) async fn is_unwanted(&self, sender: &str, message: &Message) -> Result<bool> {
        match &message.counterpart {
            Some(recipient) => self.unwilling.surely_include(sender, recipient).await,
            None => Ok(false),
        }
    }

    /// Has the files of a message where the provider can fetch them, or tells how the attempt ends for which it
    /// is not to be called.
    async fn prepare(&self, attempt: &mut Attempt) -> Result<Option<Settlement>> {
        if let Some(settlement) = self.withheld(attempt).await? {
            return Ok(Some(settlement));
        }
        match self.fetchable(&attempt.message).await? {
            Ok(media) => attempt.message.media = media,
            Err(settlement) => return Ok(Some(settlement)),
        }
        Ok(None)
    }

    /// How an attempt ends for which the provider is not to be called: quiet hours have begun since the
    /// message was accepted, or its recipient wants no texts.
    async fn withheld(&self, attempt: &Attempt) -> Result<Option<Settlement>> {
        let registry = self.senders.registry().await?;
        let settings = self.settings.all().await?;
        if let Some(until) = self.rests_until(&attempt.message, &registry, &settings) {
            return Ok(Some(Settlement::Resting { until }));
        }
        let sender = attempt.sender.as_str();
        if self.is_unwanted(sender, &attempt.message).await? {
            return Ok(Some(Settlement::OptedOut));
        }
        self.behind_other_files(&attempt.message).await
    }

    /// How an attempt ends whose files would be listed like others that are being sent to the same number,
    /// which others claimed at the same moment.
    async fn behind_other_files(&self, message: &Message) -> Result<Option<Settlement>> {
        let content = Content::with_files(message);
        let Some((content, to)) = content.zip(message.recipient.as_ref()) else {
            return Ok(None);
        };
        let sending = self.ledger.being_sent(&message.account, to).await?;
        let waits = sending.iter().any(|other| content.is_mistakable_for(other));
        let now = self.clock.now();
        Ok(waits.then(|| Settlement::NotSent(Self::wait_behind_other_files(now))))
    }

    /// Ends an attempt without calling the provider.
    async fn withhold(&self, attempt: &Attempt, settlement: Settlement) {
        tracing::info!(?settlement, "not sent");
        let sender = attempt.sender.as_str();
        let learned = self.gate.learn(sender, &NOT_BEGUN, attempt.probe);
        if let Err(error) = learned.await {
            log_store_error(&error, true);
        }
        self.end(attempt, settlement, self.clock.now()).await;
    }

    /// Calls the provider at the place of the message, as soon as a send in flight makes room, but not
    /// after the deadline.
    async fn call_in_turn(&self, attempt: &Attempt, permit: &mut Permit) -> Verdict {
        if let Some(place) = attempt.place {
            sleep_until(place).await;
        }
        let left = attempt.deadline.left().unwrap_or_default();
        if timeout(left, permit.begin()).await.is_err() {
            self.concurrency.answered(false);
            return NOT_BEGUN;
        }
        let began = Instant::now();
        let verdict = self.call_provider(attempt).await;
        self.concurrency
            .answered(began.elapsed() < self.config.start_window / PROMPT);
        verdict
    }

    /// A panic before the POST began means that nothing was sent; after that it may have been.
    async fn call_provider(&self, attempt: &Attempt) -> Verdict {
        let began = AtomicBool::new(false);
        let call = AssertUnwindSafe(self.post(attempt, &began)).catch_unwind();
        call.await.unwrap_or_else(|_| {
            tracing::error!("sending a message panicked");
            if began.load(Ordering::SeqCst) {
                Verdict::Unknown {
                    detail: "the worker failed while it was sending",
                }
            } else {
                Verdict::NotSent {
                    reason: NotSentReason::NotProcessed {
                        code: "worker_failed".to_owned(),
                    },
                }
            }
        })
    }

    async fn post(&self, attempt: &Attempt, began: &AtomicBool) -> Verdict {
        let message = &attempt.message;
        let (Some(to), Some(body)) = (&message.recipient, &message.body) else {
            // Only a tombstone lacks them, and a tombstone is never claimed.
            return Verdict::Rejected {
                code: "unreadable".to_owned(),
                detail: "the message has no recipient or no content",
                opted_out: false,
            };
        };
        let text = OutgoingText {
            message: message.id,
            from: &attempt.sender,
            to,
            body,
            media: &message.media,
            validity: message.expires_at.since(self.clock.now()),
        };
        if attempt.deadline.has_passed() {
            return NOT_BEGUN;
        }
        faults::panic_if_asked(body, faults::BEFORE_POST);
        began.store(true, Ordering::SeqCst);
        let verdict = self.provider.send(&text, attempt.deadline.clone()).await;
        faults::panic_if_asked(body, faults::AFTER_POST);
        verdict
    }

    /// Does what a verdict says about a message.
    pub(crate) async fn settle(self: &Arc<Self>, attempt: &Attempt, verdict: Verdict) {
        let message = &attempt.message;
        let now = self.clock.now();
        let settlement = match verdict {
            Verdict::Accepted(remote) => {
                tracing::info!(sid = %remote.sid, "the provider took the message");
                let fact = self.fact_about(message.id, &remote);
                return self.record_fact(&fact).await;
            }
            Verdict::Rejected {
                code,
                detail,
                opted_out,
            } => {
                tracing::info!(code, "the provider refused the message");
                let settlement = Settlement::Rejected {
                    code,
                    detail: Some(detail.to_owned()),
                };
                self.end(attempt, settlement, now).await;
                if let (true, Some(recipient)) = (opted_out, &message.recipient) {
                    let sender = attempt.sender.as_str();
                    self.heed_opt_out(sender, recipient, message.id, attempt.claim.now)
                        .await;
                }
                return;
            }
            Verdict::Unknown { detail } => {
                tracing::warn!(
                    detail,
                    "the outcome is unknown, the message will be looked up"
                );
                Settlement::Unknown {
                    detail: Some(detail.to_owned()),
                }
            }
            unsent => {
                let not_sent = self.requeue(message, unsent, now);
                if attempt.place.is_some() && not_sent.not_before <= now {
                    // It was counted as one that leaves, and waits again.
                    self.count_again(&attempt.sender, message);
                }
                Settlement::NotSent(not_sent)
            }
        };
        self.end(attempt, settlement, now).await;
    }

    async fn end(&self, attempt: &Attempt, settlement: Settlement, now: Timestamp) {
        let message = &attempt.message;
        let until = Some(attempt.claim.until);
        let token = attempt.claim.token;
        let settled = self
            .write(until, || {
                self.ledger
                    .settle(message.id, token, settlement.clone(), now)
            })
            .await;
        self.announce(settled.map(|_| message.owner), now);
        self.count_settled(settled == Some(true), &settlement);
    }
}
