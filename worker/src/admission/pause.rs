//! The pause of a sender whose account or number is at fault, shared by all workers through the
//! ledger.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::LeaseToken;
use mysms_core::schedule::Schedule;
use mysms_core::store::{Pause, Result, SenderKey, Pauses};
use tokio::sync::Mutex as AsyncMutex;

use super::{Admission, ProbeTimes};

/// Why nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The provider's error code, or `operator`.
    pub(crate) code: Option<String>,
    pub(crate) reason: String,
}

pub(super) struct PauseWatch {
    pauses: Arc<dyn Pauses>,
    sender: SenderKey,
    clock: Arc<dyn Clock>,
    times: ProbeTimes,
    state: Mutex<State>,
    /// Reads and writes of the ledger take turns, so that no older answer overwrites a newer one.
    turn: AsyncMutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// What was last read from the ledger or written to it; [`PauseWatch::refresh`] keeps it fresh.
    /// `None` before the first read, when nobody may send: an operator's pause must outlive a worker's
    /// restart.
    known: Option<Known>,
    /// What this worker learned and the ledger may not have. It counts more than what is read.
    unsaved: Option<Pause>,
}

#[derive(Debug, Clone)]
struct Known {
    /// The pause of this worker's own sender.
    own: Option<Pause>,
    operators: Option<Pause>,
}

impl PauseWatch {
    pub(super) fn new(
        pauses: Arc<dyn Pauses>,
        sender: SenderKey,
        clock: Arc<dyn Clock>,
        times: ProbeTimes,
    ) -> Self {
        Self {
            pauses,
            sender,
            clock,
            times,
            state: Mutex::default(),
            turn: AsyncMutex::default(),
        }
    }

    pub(super) async fn admit(&self) -> Result<Admission> {
        if self.known().is_none() {
            self.refresh().await?;
        }
        let Some(known) = self.known().filter(|known| known.operators.is_none()) else {
            return Ok(Admission::Shut);
        };
        let Some(pause) = known.own else {
            return Ok(Admission::Free);
        };
        let now = self.clock.now();
        let probing = pause.probing_until.is_some_and(|until| until > now);
        if probing || pause.probe_at > now {
            return Ok(Admission::Shut);
        }
        let until = now + self.times.lease;
        let token = LeaseToken::generate();
        let won = self
            .pauses
            .take_probe(&self.sender, token, now, until)
            .await?;
        // The ledger now says until when somebody is probing, won or not; with that in memory the next
        // calls need not ask it.
        self.refresh().await?;
        Ok(if won {
            Admission::Probe
        } else {
            Admission::Shut
        })
    }

    pub(super) fn cause(&self) -> Option<Cause> {
        let known = self.known()?;
        known.operators.or(known.own).map(|pause| Cause {
            code: Some(pause.code),
            reason: pause.reason,
        })
    }

    pub(super) async fn refresh(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        // Saved first, so that what is read has what this worker learned.
        self.save().await?;
        let own = self.pauses.find(&self.sender).await?;
        let operators = self.pauses.find(&SenderKey::operators()).await?;
        self.lock().known = Some(Known { own, operators });
        Ok(())
    }

    /// The account or the sender is at fault. The first to learn it begins the pause; a failed probe
    /// puts the next one off.
    pub(super) async fn begin(
        &self,
        code: &str,
        reason: &str,
        resume_after: Option<Duration>,
        probe: bool,
    ) -> Result<()> {
        let known = self.own();
        // What was in flight when the pause began is refused as well. It must not put the probe off.
        if known.is_some() && !probe {
            return Ok(());
        }
        let now = self.clock.now();
        let failures = known.as_ref().map_or(0, |pause| pause.failures + 1);
        let delay = resume_after.unwrap_or_else(|| self.probe_delay(failures));
        let pause = Pause {
            sender: self.sender.clone(),
            code: code.to_owned(),
            reason: reason.to_owned(),
            since: known.as_ref().map_or(now, |pause| pause.since),
            probe_at: now + delay,
            failures,
            probing_until: None,
        };
        tracing::error!(
            code,
            reason,
            next_probe_ms = delay.as_millis(),
            "sending is paused: the provider refuses the account or the sender"
        );
        self.store(pause).await
    }

    /// A probe that learned nothing is repeated after the same delay.
    pub(super) async fn inconclusive(&self, probe: bool) -> Result<()> {
        let Some(mut pause) = self.own().filter(|_| probe) else {
            return Ok(());
        };
        pause.probe_at = self.clock.now() + self.probe_delay(pause.failures);
        pause.probing_until = None;
        self.store(pause).await
    }

    /// Acts on the pause at once, and holds on to it until the ledger has it.
    async fn store(&self, pause: Pause) -> Result<()> {
        // Set before it is this caller's turn: a refresh that waits for the ledger must not let others
        // send meanwhile.
        self.lock().unsaved = Some(pause);
        let _turn = self.turn.lock().await;
        self.save().await
    }

    /// Stores what the ledger may not have. The caller must have the turn.
    async fn save(&self) -> Result<()> {
        let unsaved = self.lock().unsaved.clone();
        let Some(pause) = unsaved else {
            return Ok(());
        };
        self.pauses.pause(pause.clone()).await?;
        let mut state = self.lock();
        // Another pause may have been learned while this one was stored; that one is still unsaved.
        state.unsaved.take_if(|unsaved| *unsaved == pause);
        if let Some(known) = &mut state.known {
            known.own = Some(pause);
        }
        Ok(())
    }

    /// A probe got through. An answer to what was in flight when the pause began proves nothing.
    pub(super) async fn end(&self, probe: bool) -> Result<()> {
        if !probe || self.own().is_none() {
            return Ok(());
        }
        tracing::info!("the provider takes messages again, sending goes on");
        let _turn = self.turn.lock().await;
        // Only with the turn: a save that is under way would store the pause again.
        self.lock().unsaved = None;
        self.pauses.resume(&self.sender).await?;
        if let Some(known) = &mut self.lock().known {
            known.own = None;
        }
        Ok(())
    }

    fn probe_delay(&self, failures: u32) -> Duration {
        let schedule = Schedule {
            initial: self.times.initial,
            max: self.times.max,
        };
        schedule.delay(failures + 1)
    }

    fn known(&self) -> Option<Known> {
        let state = self.lock();
        let known = state.known.clone()?;
        let own = state.unsaved.clone().or(known.own);
        Some(Known { own, ..known })
    }

    fn own(&self) -> Option<Pause> {
        self.known().and_then(|known| known.own)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use mysms_core::clock::SystemClock;
    use mysms_core::domain::Timestamp;
    use mysms_core::store::StoreError;
    use tokio::sync::Notify;

    use super::*;

    /// A ledger that returns what was stored when it was asked, but only once it is allowed to.
    #[derive(Default)]
    struct Slow {
        asked: Notify,
        answer: Notify,
        stored: Mutex<Option<Pause>>,
        is_away: AtomicBool,
    }

    #[async_trait]
    impl Pauses for Slow {
        async fn pause(&self, pause: Pause) -> Result<()> {
            if self.is_away.load(Ordering::SeqCst) {
                return Err(StoreError::unavailable("the ledger", "no route"));
            }
            *self.stored.lock().unwrap() = Some(pause);
            Ok(())
        }
        async fn find(&self, sender: &SenderKey) -> Result<Option<Pause>> {
            if *sender == SenderKey::operators() {
                return Ok(None);
            }
            let stored = self.stored.lock().unwrap().clone();
            self.asked.notify_one();
            self.answer.notified().await;
            Ok(stored)
        }
        async fn paused(&self) -> Result<Vec<Pause>> {
            Ok(Vec::new())
        }
        async fn take_probe(
            &self,
            _: &SenderKey,
            _: LeaseToken,
            _: Timestamp,
            _: Timestamp,
        ) -> Result<bool> {
            Ok(false)
        }
        async fn resume(&self, _: &SenderKey) -> Result<()> {
            Ok(())
        }
    }

    fn watch(ledger: &Arc<Slow>) -> PauseWatch {
        let pauses: Arc<dyn Pauses> = Arc::<Slow>::clone(ledger);
        let minute = Duration::from_mins(1);
        let times = ProbeTimes {
            initial: minute,
            max: minute,
            lease: minute,
        };
        let sender = SenderKey::new("account", "sender", "credential");
        PauseWatch::new(pauses, sender, Arc::new(SystemClock), times)
    }

    #[tokio::test]
    async fn a_pause_that_the_ledger_did_not_take_holds_and_is_stored_later() {
        let ledger = Arc::new(Slow::default());
        let watch = watch(&ledger);
        ledger.answer.notify_one();
        watch.refresh().await.unwrap();
        ledger.is_away.store(true, Ordering::SeqCst);
        assert!(watch.begin("20003", "refused", None, false).await.is_err());
        assert!(watch.refresh().await.is_err());
        assert_eq!(watch.admit().await.unwrap(), Admission::Shut);
        ledger.is_away.store(false, Ordering::SeqCst);
        ledger.answer.notify_one();
        watch.refresh().await.unwrap();
        assert_eq!(watch.admit().await.unwrap(), Admission::Shut);
        assert!(ledger.stored.lock().unwrap().is_some());
    }

    #[tokio::test]
    async fn what_was_read_before_a_pause_does_not_end_it() {
        let ledger = Arc::new(Slow::default());
        let watch = watch(&ledger);
        ledger.answer.notify_one();
        watch.refresh().await.unwrap();
        assert_eq!(watch.admit().await.unwrap(), Admission::Free);

        ledger.asked.notified().await;
        let beginning = async {
            ledger.asked.notified().await;
            let pause = watch.begin("20003", "refused", None, false);
            tokio::join!(biased; pause, async { ledger.answer.notify_one() }).0
        };
        let (refreshed, begun) = tokio::join!(watch.refresh(), beginning);
        refreshed.and(begun).unwrap();

        assert_eq!(watch.admit().await.unwrap(), Admission::Shut);
        assert_eq!(watch.cause().unwrap().code.as_deref(), Some("20003"));
    }
}
