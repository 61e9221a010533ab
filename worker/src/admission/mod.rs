//! Whether sending may go on: it stops while the sender is paused or the provider is out of reach.

mod breaker;
mod pause;

use std::sync::Arc;
use std::time::{Duration, Instant};

use breaker::Breaker;
use mysms_core::clock::{Clock, Fitness};
use mysms_core::domain::Lane;
use mysms_core::provider::{NotSentReason, Verdict};
use mysms_core::store::{Result, SenderKey, Pauses};
pub(crate) use pause::Cause;
use pause::PauseWatch;

/// What may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// As many as there are permits.
    Free,
    /// One message, to find out whether it works again.
    Probe,
    /// Nothing; what is queued waits in the ledger without a write.
    Shut,
}

/// Watches over the sender and the way to the provider.
pub(crate) struct Gate {
    breaker: Breaker,
    pause: PauseWatch,
    clock: Arc<dyn Clock>,
}

/// How probes of a paused sender are spaced, and how long one may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProbeTimes {
    pub(crate) initial: Duration,
    pub(crate) max: Duration,
    pub(crate) lease: Duration,
}

impl Gate {
    pub(crate) fn new(
        pauses: Arc<dyn Pauses>,
        sender: SenderKey,
        clock: Arc<dyn Clock>,
        times: ProbeTimes,
    ) -> Self {
        Self {
            breaker: Breaker::default(),
            pause: PauseWatch::new(pauses, sender, Arc::clone(&clock), times),
            clock,
        }
    }

    /// Asks what may be sent. A probe admitted here is this caller's alone for a while.
    pub(crate) async fn admit(&self) -> Result<Admission> {
        if self.clock.fitness().trouble().is_some() {
            return Ok(Admission::Shut);
        }
        // The breaker is asked first. A probe of the pause is one worker's alone, so one that cannot reach
        // the provider must not take it.
        match self.breaker.admit(Instant::now()) {
            Admission::Shut => Ok(Admission::Shut),
            Admission::Free => self.pause.admit().await,
            // One message tries both: an answer shows that the provider can be reached, and what it says
            // shows whether it takes texts from the sender.
            Admission::Probe => Ok(match self.pause.admit().await? {
                Admission::Shut => Admission::Shut,
                Admission::Free | Admission::Probe => Admission::Probe,
            }),
        }
    }

    /// Whether nothing is to be begun in a lane in which the provider is asked for what it knows:
    /// it cannot be reached, or our time cannot be trusted.
    pub(crate) fn rests(&self, lane: Lane) -> bool {
        let clock_forbids = match self.clock.fitness() {
            Fitness::Fit => false,
            Fitness::Settling => lane == Lane::Resolve,
            Fitness::Unfit(_) => true,
        };
        clock_forbids || self.is_provider_unreachable()
    }

    pub(crate) fn is_provider_unreachable(&self) -> bool {
        self.breaker.is_open()
    }

    /// Whether messages may be ended now because of their time.
    pub(crate) fn knows_the_time(&self) -> bool {
        self.clock.fitness() == Fitness::Fit
    }

    /// Reads anew whether another worker paused the sender or ended its pause.
    pub(crate) async fn refresh(&self) -> Result<()> {
        self.pause.refresh().await
    }

    /// Why nothing is sent, for operators; `None` while sending is free.
    pub(crate) fn cause(&self) -> Option<Cause> {
        if let Some(reason) = self.clock.fitness().trouble() {
            return Some(Cause { code: None, reason });
        }
        if self.breaker.is_open() {
            return Some(Cause {
                code: None,
                reason: "the provider cannot be reached".to_owned(),
            });
        }
        self.pause.cause()
    }

    /// Learns from the outcome of an attempt.
    pub(crate) async fn learn(&self, verdict: &Verdict, probe: bool) -> Result<()> {
        match verdict {
            Verdict::NotSent {
                reason: NotSentReason::Unreachable,
            } => {
                // The provider said nothing about the sender.
                self.breaker.failed(Instant::now(), probe);
                self.pause.inconclusive(probe).await
            }
            // There was no request, or no answer to it: nothing is learned either way.
            Verdict::NotSent {
                reason: NotSentReason::DeadlinePassed,
            }
            | Verdict::Unknown { .. } => self.pause.inconclusive(probe).await,
            Verdict::Misconfigured {
                code,
                detail,
                resume_after,
                ..
            } => {
                // To be refused is an answer: the way to the provider is open.
                self.breaker.reached();
                self.pause.begin(code, detail, *resume_after, probe).await
            }
            Verdict::Accepted(_)
            | Verdict::Rejected { .. }
            | Verdict::Throttled { .. }
            | Verdict::NotSent { .. } => {
                // The provider judged the message or the pace, so account and sender were good enough for that.
                self.breaker.reached();
                self.pause.end(probe).await
            }
        }
    }
}
