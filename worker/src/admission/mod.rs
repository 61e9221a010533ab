//! Whether sending may go on: it stops while the sender is paused or the provider is out of reach.

mod breaker;
mod pause;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use breaker::Breaker;
use mysms_core::clock::{Clock, Fitness};
use mysms_core::domain::{Lane, Timestamp};
use mysms_core::provider::{NotSentReason, Verdict};
use mysms_core::store::{Pause, Pauses, Result};
use pause::PauseWatch;

use crate::context::Identity;

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

/// Why nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The provider's error code, or `operator`.
    pub(crate) code: Option<String>,
    pub(crate) reason: String,
    /// When one message may be sent as a probe, if it is known.
    pub(crate) until: Option<Timestamp>,
}

impl Cause {
    fn of_process(reason: String) -> Self {
        Self {
            code: None,
            reason,
            until: None,
        }
    }
}

impl From<Pause> for Cause {
    fn from(pause: Pause) -> Self {
        Self {
            until: (!pause.is_by_operator()).then_some(pause.probe_at),
            code: Some(pause.code),
            reason: pause.reason,
        }
    }
}

/// Watches over the senders and the way to the provider.
pub(crate) struct Gate {
    breaker: Breaker,
    pause: PauseWatch,
    /// Until when nothing is sent, because it is not known who has said STOP.
    listens_until: Mutex<Option<Instant>>,
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
        identity: &Identity,
        clock: Arc<dyn Clock>,
        times: ProbeTimes,
    ) -> Self {
        let Identity {
            account,
            credential,
            ..
        } = identity;
        let pause = PauseWatch::new(pauses, account, credential, Arc::clone(&clock), times);
        Self {
            breaker: Breaker::default(),
            pause,
            listens_until: Mutex::default(),
            clock,
        }
    }

    /// Lets nothing be sent for so long, or until it [has listened](Self::has_listened).
    pub(crate) fn listen_first(&self, longest: Duration) {
        *self.listening() = Some(Instant::now() + longest);
    }

    /// It is known, or cannot be known, what was received while nobody was there.
    pub(crate) fn has_listened(&self) {
        *self.listening() = None;
    }

    /// Whether nothing is sent yet, because of what may have been received while nobody was there.
    pub(crate) fn listens(&self) -> bool {
        self.listening().is_some_and(|until| Instant::now() < until)
    }

    fn listening(&self) -> MutexGuard<'_, Option<Instant>> {
        let until = self.listens_until.lock();
        until.unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what may be sent from a sender. A probe admitted here is this caller's alone for a while.
    pub(crate) async fn admit(&self, sender: &str) -> Result<Admission> {
        if !self.trusts_the_clock() || self.listens() {
            return Ok(Admission::Shut);
        }
        // The breaker is asked first. A probe of the pause is one worker's alone, so one that cannot reach
        // the provider must not take it.
        match self.breaker.admit(Instant::now()) {
            Admission::Shut => Ok(Admission::Shut),
            Admission::Free => self.pause.admit(sender).await,
            // One message tries both: an answer shows that the provider can be reached, and what it says
            // shows whether it takes texts from the sender.
            Admission::Probe => Ok(match self.pause.admit(sender).await? {
                Admission::Shut => Admission::Shut,
                Admission::Free | Admission::Probe => Admission::Probe,
            }),
        }
    }

    /// Whether it makes sense to ask for admission, as far as is known: asking for no more than this takes
    /// no probe.
    pub(crate) fn may_admit(&self, sender: &str) -> bool {
        self.trusts_the_clock()
            && !self.listens()
            && self.breaker.may_admit(Instant::now())
            && self.pause.may_admit(sender)
    }

    /// Whether anything may be begun, as far as the clock is concerned.
    pub(crate) fn trusts_the_clock(&self) -> bool {
        self.clock.fitness().trouble().is_none()
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

    /// Reads anew whether another worker paused a sender or ended its pause.
    pub(crate) async fn refresh(&self) -> Result<()> {
        self.pause.refresh().await
    }

    /// Why nothing is sent at all, for operators; `None` if only single senders may be paused.
    pub(crate) fn cause(&self) -> Option<Cause> {
        if let Some(reason) = self.clock.fitness().trouble() {
            return Some(Cause::of_process(reason));
        }
        if self.breaker.is_open() {
            let reason = "the provider cannot be reached".to_owned();
            return Some(Cause::of_process(reason));
        }
        if self.listens() {
            let reason = "it is not known yet what was received meanwhile".to_owned();
            return Some(Cause::of_process(reason));
        }
        self.pause.operators().map(Cause::from)
    }

    /// Why nothing leaves a sender that others need not have.
    pub(crate) fn cause_of(&self, sender: &str) -> Option<Cause> {
        self.pause.of_sender(sender).map(Cause::from)
    }

    /// Learns from the outcome of an attempt to send from a sender.
    pub(crate) async fn learn(&self, sender: &str, verdict: &Verdict, probe: bool) -> Result<()> {
        match verdict {
            Verdict::NotSent {
                reason: NotSentReason::Unreachable,
            } => {
                // The provider said nothing about the sender.
                self.breaker.failed(Instant::now(), probe);
                self.pause.inconclusive(sender, probe).await
            }
            // There was no request, or no answer to it: nothing is learned either way.
            Verdict::NotSent {
                reason: NotSentReason::DeadlinePassed,
            }
            | Verdict::Unknown { .. } => self.pause.inconclusive(sender, probe).await,
            Verdict::Misconfigured {
                code,
                detail,
                resume_after,
                ..
            } => {
                // To be refused is an answer: the way to the provider is open.
                self.breaker.reached();
                let pause = self.pause.begin(sender, code, detail, *resume_after, probe);
                pause.await
            }
            // Until when it rests is told by [`Self::hold`], unless that is over.
            Verdict::SpentToday { .. } => {
                self.breaker.reached();
                self.pause.inconclusive(sender, probe).await
            }
            Verdict::Accepted(_)
            | Verdict::Rejected { .. }
            | Verdict::Throttled { .. }
            | Verdict::NotSent { .. } => {
                // The provider judged the message or the pace, so account and sender were good enough for that.
                self.breaker.reached();
                self.pause.end(sender, probe).await
            }
        }
    }

    /// Lets a sender rest, about which an attempt has taught that its day is used up.
    pub(crate) async fn hold(&self, sender: &str, pause: Pause, probe: bool) -> Result<()> {
        self.breaker.reached();
        self.pause.hold(sender, pause, probe).await
    }
}
