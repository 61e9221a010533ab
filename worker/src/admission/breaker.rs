//! The breaker: opens when the provider is out of reach several times in a row.
//!
//! It lives in the memory of each worker, because the way to the provider is each worker's own. It
//! keeps the messages of an outage from drifting into long backoffs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mysms_core::schedule::Schedule;

use super::Admission;

/// Failures in a row that open it: one or two may be a connection that was just cut.
const THRESHOLD: u32 = 3;
const PROBES: Schedule = Schedule {
    initial: Duration::from_secs(1),
    max: Duration::from_secs(15),
};

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    probe_at: Instant,
    /// The number of the probe that comes then.
    probe: u32,
}

impl Open {
    /// Puts the next probe off by the pause that belongs to its number.
    fn wait(&mut self, now: Instant) {
        self.probe_at = now + PROBES.delay(self.probe);
    }
}

impl Breaker {
    /// While it is open one message is let through when a probe is due.
    pub(super) fn admit(&self, now: Instant) -> Admission {
        match &mut self.state().open {
            None => Admission::Free,
            Some(open) if open.probe_at <= now => {
                // Put off already, so that only one message goes through. If this caller never says what became
                // of it, another probe is due after the same pause.
                open.wait(now);
                Admission::Probe
            }
            Some(_) => Admission::Shut,
        }
    }

    /// Whether [`Self::admit`] would let something through.
    pub(super) fn may_admit(&self, now: Instant) -> bool {
        let state = self.state();
        state.open.as_ref().is_none_or(|open| open.probe_at <= now)
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().open.is_some()
    }

    /// The provider answered, be it to a request from before the breaker opened: it can be reached.
    pub(super) fn reached(&self) {
        let mut state = self.state();
        state.failures = 0;
        if state.open.take().is_some() {
            tracing::info!("the provider can be reached again, sending goes on");
        }
    }

    /// The provider could not be reached. What was in flight when the breaker opened says nothing
    /// new; only a failed probe waits longer.
    pub(super) fn failed(&self, now: Instant, probe: bool) {
        let mut state = self.state();
        state.failures += 1;
        let failures = state.failures;
        match &mut state.open {
            Some(open) if probe => {
                open.probe += 1;
                open.wait(now);
            }
            None if failures >= THRESHOLD => {
                state.open = Some(Open {
                    probe_at: now + PROBES.delay(1),
                    probe: 1,
                });
                tracing::warn!("the provider cannot be reached, sending waits for it");
            }
            _ => {}
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_three_failures_in_a_row_and_closes_on_an_answer() {
        let breaker = Breaker::default();
        let now = Instant::now();
        breaker.failed(now, false);
        breaker.failed(now, false);
        breaker.reached();
        breaker.failed(now, false);
        breaker.failed(now, false);
        assert_eq!(breaker.admit(now), Admission::Free);
        breaker.failed(now, false);
        assert_eq!(breaker.admit(now), Admission::Shut);
        breaker.reached();
        assert_eq!(breaker.admit(now), Admission::Free);
    }

    #[test]
    fn probes_one_message_at_a_time_and_waits_longer_each_time() {
        let breaker = Breaker::default();
        let mut now = Instant::now();
        for _ in 0..THRESHOLD {
            breaker.failed(now, false);
        }
        for seconds in [1, 2, 4, 8, 15, 15] {
            assert!(!breaker.may_admit(now));
            assert_eq!(breaker.admit(now), Admission::Shut);
            now += Duration::from_secs(seconds);
            assert!(breaker.may_admit(now));
            assert_eq!(breaker.admit(now), Admission::Probe);
            assert_eq!(breaker.admit(now), Admission::Shut, "one probe only");
            breaker.failed(now, true);
        }
    }
}
