//! Whether sending may go on: it stops while the sender is paused or the provider is out of reach.

mod breaker;
mod pause;

use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::clock::Clock;
use shared::store::{Result, SenderKey, Senders};
use shared::twilio::{NotSentReason, Verdict};

use breaker::Breaker;
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
        senders: Arc<dyn Senders>,
        sender: SenderKey,
        clock: Arc<dyn Clock>,
        times: ProbeTimes,
    ) -> Self {
        Self {
            breaker: Breaker::default(),
            pause: PauseWatch::new(senders, sender, clock, times),
        }
    }

    /// Asks to send. A probe admitted here is this caller's alone for a while.
    pub(crate) async fn admit(&self) -> Result<Admission> {
        match self.breaker.admit(Instant::now()) {
            Admission::Shut => Ok(Admission::Shut),
            Admission::Free => self.pause.admit().await,
            Admission::Probe => Ok(match self.pause.admit().await? {
                Admission::Shut => Admission::Shut,
                Admission::Free | Admission::Probe => Admission::Probe,
            }),
        }
    }

    /// Whether the provider cannot be reached, so that asking it for lists and statuses can wait.
    pub(crate) fn is_provider_unreachable(&self) -> bool {
        self.breaker.is_open()
    }

    /// Reads anew whether another worker paused the sender or ended its pause.
    pub(crate) async fn refresh(&self) -> Result<()> {
        self.pause.refresh().await
    }

    /// Why nothing is sent, for operators; `None` while sending is free.
    pub(crate) fn cause(&self) -> Option<Cause> {
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
                self.breaker.failed(Instant::now(), probe);
                self.pause.inconclusive(probe).await
            }
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
                self.breaker.reached();
                self.pause.begin(code, detail, *resume_after, probe).await
            }
            Verdict::Accepted { .. }
            | Verdict::Rejected { .. }
            | Verdict::Throttled { .. }
            | Verdict::NotSent { .. } => {
                self.breaker.reached();
                self.pause.end(probe).await
            }
        }
    }
}
