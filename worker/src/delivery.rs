//! Sends one claimed message and settles what came of it.

use std::panic::AssertUnwindSafe;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use mysms_core::domain::{
    Claim, Claimant, Event, Message, MessageId, NotSent, Settlement, TimelineEntry, Timestamp,
};
use mysms_core::provider::{NotSentReason, OutgoingText, StartDeadline, Verdict};
use mysms_core::schedule::Schedule;
use mysms_core::store::Result;
use tokio::time::timeout;
use tracing::{Instrument, Span};

use crate::concurrency::Permit;
use crate::context::{Context, log_store_error};
use crate::faults;

/// The wait after the provider says that the sender's queue is full: hours of traffic are in it.
const SLOW_RETRY: Duration = Duration::from_mins(2);

/// The request was not made, for a reason that is not the provider's.
const NOT_BEGUN: Verdict = Verdict::NotSent {
    reason: NotSentReason::DeadlinePassed,
};

/// An answer within this part of the start window leaves time enough to wait for another.
const PROMPT: u32 = 5;

/// A message in the hands of this worker.
struct Attempt {
    message: Message,
    claim: Claim,
    /// After this the POST must not begin.
    deadline: StartDeadline,
    probe: bool,
}

impl Context {
    /// Claims as many of `ids` as there are permits, starts to send what was won, each within its
    /// span; returns which those were.
    pub(crate) async fn claim_and_send(
        self: &Arc<Self>,
        ids: &[MessageId],
        permits: Vec<Permit>,
        probe: bool,
        span: impl Fn(MessageId) -> Span,
    ) -> Result<Vec<MessageId>> {
        // The start window counts from before the claim was first asked for, by both clocks.
        let started = Instant::now();
        let claim = self.new_claim();
        let deadline = StartDeadline::new(
            self.config.start_window,
            started,
            self.clock.wall(),
            Arc::clone(&self.clock),
        );
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
                deadline: deadline.clone(),
                probe,
            };
            let context = Arc::clone(self);
            let sending = async move { context.send(attempt, permit).await };
            self.lifecycle.tracker().spawn(sending.instrument(span));
        }
        Ok(won)
    }

    #[tracing::instrument(skip_all, fields(message.id = %attempt.message.id, attempt = attempt.message.attempts))]
    async fn send(&self, attempt: Attempt, mut permit: Permit) {
        let verdict = match self.is_unwanted(&attempt.message).await {
            Ok(true) => {
                drop(permit);
                return self.refuse(&attempt).await;
            }
            Ok(false) => self.call_in_turn(&attempt, &mut permit).await,
            Err(error) => {
                log_store_error(&error, true);
                NOT_BEGUN
            }
        };
        self.count_attempt(&attempt.message, &verdict);
        match &verdict {
            Verdict::Accepted(_) => self.concurrency.succeeded(),
            Verdict::Throttled { .. } => self.concurrency.throttled(Instant::now()),
            _ => {}
        }
        if let Err(error) = self.gate.learn(&verdict, attempt.probe).await {
            log_store_error(&error, true);
        }
        let _storing = permit.answered().await;
        self.settle(&attempt, verdict).await;
    }

    /// Whether the recipient of a claimed message wants no texts. It is checked after the claim, because
    /// recording an opt-out ends only what is queued at that moment. What this worker has heard is enough
    /// for a first attempt, as the API checked just before. For any other the store is asked: the message
    /// may have been `sending` when the recipient opted out.
    async fn is_unwanted(&self, message: &Message) -> Result<bool> {
        let Some(recipient) = &message.recipient else {
            return Ok(false);
        };
        if message.attempts == 1 {
            return self.unwilling.includes(recipient).await;
        }
        let unwilling = self.unwilling.among(slice::from_ref(recipient)).await?;
        Ok(!unwilling.is_empty())
    }

    /// Ends an attempt without calling the provider: its recipient wants no texts.
    async fn refuse(&self, attempt: &Attempt) {
        tracing::info!("the recipient wants no texts");
        if let Err(error) = self.gate.learn(&NOT_BEGUN, attempt.probe).await {
            log_store_error(&error, true);
        }
        self.end(attempt, Settlement::OptedOut, self.clock.now())
            .await;
    }

    /// Calls the provider as soon as a send in flight makes room, but not after the start window.
    async fn call_in_turn(&self, attempt: &Attempt, permit: &mut Permit) -> Verdict {
        if timeout(self.config.start_window, permit.begin())
            .await
            .is_err()
        {
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
            to,
            body,
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

    async fn settle(&self, attempt: &Attempt, verdict: Verdict) {
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
                    self.heed_opt_out(recipient, attempt.claim.now).await;
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
            unsent => Settlement::NotSent(self.requeue(message, unsent, now)),
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

    /// Until when a message waits that was not sent, and what its timeline says.
    fn requeue(&self, message: &Message, verdict: Verdict, now: Timestamp) -> NotSent {
        let backoff = self.backoff(message.attempts);
        let (wait, event, code, detail) = match verdict {
            Verdict::Throttled {
                code,
                retry_after,
                slow,
            } => {
                let least = if slow { SLOW_RETRY } else { Duration::ZERO };
                let wait = backoff.max(least).max(retry_after.unwrap_or_default());
                (wait, Event::Throttled, Some(code), None)
            }
            // The pause decides when sending goes on; the message stays at its place in the order.
            Verdict::Misconfigured { code, detail, .. } => {
                (Duration::ZERO, Event::Paused, Some(code), Some(detail))
            }
            // Likewise the breaker.
            Verdict::NotSent {
                reason: NotSentReason::Unreachable,
            } => {
                let detail = "the provider could not be reached";
                (Duration::ZERO, Event::NotSent, None, Some(detail))
            }
            Verdict::NotSent {
                reason: NotSentReason::DeadlinePassed,
            } => {
                let detail = "the worker was held up and did not begin";
                (Duration::ZERO, Event::NotSent, None, Some(detail))
            }
            Verdict::NotSent {
                reason: NotSentReason::NotProcessed { code },
            } => (backoff, Event::NotSent, Some(code), None),
            // These are settled elsewhere and never get here; waiting is harmless.
            Verdict::Accepted(_) | Verdict::Rejected { .. } | Verdict::Unknown { .. } => {
                (backoff, Event::NotSent, None, None)
            }
        };
        NotSent {
            not_before: now + wait,
            entry: TimelineEntry::new(now, event)
                .with_code(code.as_deref())
                .with_detail(detail),
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let schedule = Schedule {
            initial: self.config.retry_initial,
            max: self.config.retry_max,
        };
        schedule.jittered(attempt, Self::jitter())
    }
}
