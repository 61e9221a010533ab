//! The pauses of senders whose account or number is at fault, or whose day is used up, shared by all
//! workers through the ledger.

mod state;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{LeaseToken, Timestamp};
use mysms_core::schedule::Schedule;
use mysms_core::store::{Pause, Pauses, Result, SenderKey};
use tokio::sync::Mutex as AsyncMutex;

use self::state::{Standing, State, is_due};
use super::{Admission, ProbeTimes};

pub(super) struct PauseWatch {
    pauses: Arc<dyn Pauses>,
    account: String,
    credential: String,
    clock: Arc<dyn Clock>,
    times: ProbeTimes,
    state: Mutex<State>,
    /// Reads and writes of the ledger take turns, so that no older answer overwrites a newer one.
    turn: AsyncMutex<()>,
}

impl PauseWatch {
    pub(super) fn new(
        pauses: Arc<dyn Pauses>,
        account: &str,
        credential: &str,
        clock: Arc<dyn Clock>,
        times: ProbeTimes,
    ) -> Self {
        Self {
            pauses,
            account: account.to_owned(),
            credential: credential.to_owned(),
            clock,
            times,
            state: Mutex::default(),
            turn: AsyncMutex::default(),
        }
    }

    /// Whether [`Self::admit`] may let anything through, as far as is known.
    pub(super) fn may_admit(&self, sender: &str) -> bool {
        let now = self.clock.now();
        match self.standing(sender) {
            Standing::Unknown => true,
            Standing::Shut => false,
            Standing::Paused(pauses) => pauses.iter().all(|pause| is_due(pause, now)),
        }
    }

    pub(super) async fn admit(&self, sender: &str) -> Result<Admission> {
        if self.lock().known.is_none() {
            self.refresh().await?;
        }
        let Standing::Paused(pauses) = self.standing(sender) else {
            return Ok(Admission::Shut);
        };
        if pauses.is_empty() {
            return Ok(Admission::Free);
        }
        let now = self.clock.now();
        if !pauses.iter().all(|pause| is_due(pause, now)) {
            return Ok(Admission::Shut);
        }
        let mut won = HashSet::new();
        for pause in &pauses {
            if !self.take_probe(&pause.sender, now).await? {
                break;
            }
            won.insert(pause.sender.clone());
        }
        // The ledger now says until when somebody is probing, won or not; with that in memory the next
        // calls need not ask it.
        self.refresh().await?;
        if won.len() == pauses.len() {
            return Ok(Admission::Probe);
        }
        self.postpone(self.probed(won)).await?;
        Ok(Admission::Shut)
    }

    async fn take_probe(&self, key: &SenderKey, now: Timestamp) -> Result<bool> {
        let until = now + self.times.lease;
        let token = LeaseToken::generate();
        let won = self.pauses.take_probe(key, token, now, until).await?;
        if won {
            self.lock().probing.insert(key.clone());
        }
        Ok(won)
    }

    /// The pause that operators began.
    pub(super) fn operators(&self) -> Option<Pause> {
        self.lock().find(&SenderKey::operators()).cloned()
    }

    /// Why nothing leaves a sender, but for what operators paused.
    pub(super) fn of_sender(&self, sender: &str) -> Option<Pause> {
        let state = self.lock();
        let pauses = self.keys(sender).into_iter();
        let pauses = pauses.filter_map(|key| state.find(&key));
        pauses.max_by_key(|pause| pause.probe_at).cloned()
    }

    pub(super) async fn refresh(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        // Saved first, so that what is read has what this worker learned.
        self.save().await?;
        let paused = self.pauses.paused().await?;
        let by_key = |pause: Pause| (pause.sender.clone(), pause);
        self.lock().known = Some(paused.into_iter().map(by_key).collect());
        Ok(())
    }

    /// The account or the sender is at fault. The first to learn it begins the pause; a failed probe
    /// puts the next one off.
    pub(super) async fn begin(
        &self,
        sender: &str,
        code: &str,
        reason: &str,
        resume_after: Option<Duration>,
        probe: bool,
    ) -> Result<()> {
        let own = self.own_key(sender);
        let mut probed = self.probed_of(sender, probe);
        let was_probed = probed.remove(&own);
        self.postpone(probed).await?;
        let known = self.lock().find(&own).cloned();
        // What was in flight when the pause began is refused as well. It must not put the probe off.
        if known.is_some() && !was_probed {
            return Ok(());
        }
        let now = self.clock.now();
        let failures = known.as_ref().map_or(0, |pause| pause.failures + 1);
        let delay = resume_after.unwrap_or_else(|| self.probe_delay(failures));
        tracing::error!(
            code,
            reason,
            sender,
            next_probe_ms = delay.as_millis(),
            "sending is paused: the provider refuses the account or the sender"
        );
        self.store(Pause {
            sender: own,
            code: code.to_owned(),
            reason: reason.to_owned(),
            since: known.as_ref().map_or(now, |pause| pause.since),
            probe_at: now + delay,
            failures,
            probing_until: None,
        })
        .await
    }

    /// Pauses a sender for a reason that is not its account's. A probe of the sender has failed with that.
    pub(super) async fn hold(&self, sender: &str, pause: Pause, probe: bool) -> Result<()> {
        let mut probed = self.probed_of(sender, probe);
        let was_probed = probed.remove(&pause.sender);
        self.postpone(probed).await?;
        let known = self.lock().find(&pause.sender).cloned();
        let lasts = known.is_some_and(|known| known.probe_at >= pause.probe_at);
        if lasts && !was_probed {
            return Ok(());
        }
        let (code, reason, until) = (&pause.code, &pause.reason, pause.probe_at);
        tracing::error!(code, reason, sender, %until, "sending is paused: the sender's day is used up");
        self.store(pause).await
    }

    /// A probe that learned nothing is repeated after the same delay.
    pub(super) async fn inconclusive(&self, sender: &str, probe: bool) -> Result<()> {
        self.postpone(self.probed_of(sender, probe)).await
    }

    async fn postpone(&self, probed: HashSet<SenderKey>) -> Result<()> {
        for key in probed {
            let Some(mut pause) = self.lock().find(&key).cloned() else {
                continue;
            };
            pause.probe_at = self.clock.now() + self.probe_delay(pause.failures);
            pause.probing_until = None;
            self.store(pause).await?;
        }
        Ok(())
    }

    /// Acts on the pause at once, and holds on to it until the ledger has it.
    async fn store(&self, pause: Pause) -> Result<()> {
        // Set before it is this caller's turn: a refresh that waits for the ledger must not let others
        // send meanwhile.
        self.lock().unsaved.insert(pause.sender.clone(), pause);
        let _turn = self.turn.lock().await;
        self.save().await
    }

    /// Stores what the ledger may not have. The caller must have the turn.
    async fn save(&self) -> Result<()> {
        let unsaved: Vec<_> = self.lock().unsaved.values().cloned().collect();
        for pause in unsaved {
            self.pauses.pause(pause.clone()).await?;
            let mut state = self.lock();
            // Another pause may have been learned while this one was stored; that one is still unsaved.
            if state.unsaved.get(&pause.sender) == Some(&pause) {
                state.unsaved.remove(&pause.sender);
            }
            if let Some(known) = &mut state.known {
                known.insert(pause.sender.clone(), pause);
            }
        }
        Ok(())
    }

    /// A probe got through. An answer to what was in flight when the pause began proves nothing.
    pub(super) async fn end(&self, sender: &str, probe: bool) -> Result<()> {
        for key in self.probed_of(sender, probe) {
            tracing::info!(sender, "the provider takes messages again, sending goes on");
            let _turn = self.turn.lock().await;
            // Only with the turn: a save that is under way would store the pause again.
            self.lock().unsaved.remove(&key);
            self.pauses.resume(&key).await?;
            if let Some(known) = &mut self.lock().known {
                known.remove(&key);
            }
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

    fn own_key(&self, sender: &str) -> SenderKey {
        SenderKey::new(&self.account, sender, &self.credential)
    }

    /// Under which a sender may be paused.
    fn keys(&self, sender: &str) -> [SenderKey; 2] {
        let carriers = SenderKey::of_carriers(&self.account, sender);
        [self.own_key(sender), carriers]
    }

    fn standing(&self, sender: &str) -> Standing {
        self.lock().standing(&self.keys(sender))
    }

    /// What was probed with a text of a sender that was a probe; the right to that is used up.
    fn probed_of(&self, sender: &str, probe: bool) -> HashSet<SenderKey> {
        let probed = self.keys(sender).into_iter().filter(|_| probe);
        self.probed(probed)
    }

    fn probed(&self, keys: impl IntoIterator<Item = SenderKey>) -> HashSet<SenderKey> {
        let mut state = self.lock();
        let probed = keys.into_iter().filter(|key| state.probing.remove(key));
        probed.collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
