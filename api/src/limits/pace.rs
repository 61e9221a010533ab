use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::{HashMapStateStore, ShrinkableKeyedStateStore};
use governor::{Quota, RateLimiter};
use shared::domain::UserId;

use crate::error::ApiError;

/// So few users are not worth a sweep.
const SMALLEST_SWEEP: usize = 1024;

/// Counts the texts of the last minute, for this process alone.
pub(super) struct Pace<C: Clock = MonotonicClock> {
    limiter: RateLimiter<Question, Counted, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    /// How many users there may be before those who have rested are forgotten.
    sweep_at: AtomicUsize,
}

/// Whether a user may send a text now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Question {
    /// The text counts.
    InEarnest(UserId),
    /// Nothing is counted, whatever the answer.
    Only(UserId),
}

/// What was counted of each user.
struct Counted(HashMapStateStore<UserId>);

impl Pace {
    pub(super) fn new(texts_per_minute: NonZeroU32) -> Self {
        Self::per_minute(texts_per_minute, MonotonicClock)
    }
}

impl<C: Clock + Clone> Pace<C> {
    fn per_minute(texts: NonZeroU32, clock: C) -> Self {
        Self {
            limiter: RateLimiter::new(
                Quota::per_minute(texts),
                Counted(HashMapStateStore::new(HashMap::default())),
                clock.clone(),
            ),
            clock,
            sweep_at: AtomicUsize::new(SMALLEST_SWEEP),
        }
    }

    /// Counts a text, or refuses it.
    pub(super) fn count(&self, user: UserId) -> Result<(), ApiError> {
        self.sweep();
        self.ask(&Question::InEarnest(user))
    }

    /// What [`Self::count`] would say now. Counts nothing.
    pub(super) fn foresee(&self, user: UserId) -> Result<(), ApiError> {
        self.ask(&Question::Only(user))
    }

    fn ask(&self, question: &Question) -> Result<(), ApiError> {
        self.limiter
            .check_key(question)
            .map_err(|refusal| ApiError::SendingTooFast {
                retry_after: refusal.wait_time_from(self.clock.now()),
            })
    }

    /// Forgets those who have not sent for a minute, whenever there are twice as many users as were
    /// left the last time. So no more are kept than twice those who sent within a minute.
    fn sweep(&self) {
        if self.limiter.len() < self.sweep_at.load(Ordering::Relaxed) {
            return;
        }
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
        let next = self.limiter.len().saturating_mul(2).max(SMALLEST_SWEEP);
        self.sweep_at.store(next, Ordering::Relaxed);
    }
}

impl StateStore for Counted {
    type Key = Question;

    fn measure_and_replace<T, F, E>(&self, key: &Question, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        match key {
            Question::InEarnest(user) => self.0.measure_and_replace(user, measure),
            Question::Only(user) => {
                // What is measured comes out as a failure, because that replaces nothing.
                let measured = self.0.measure_and_replace(user, |counted| {
                    let measured = measure(counted).map(|(answer, _)| answer);
                    Err::<(T, Nanos), _>(measured)
                });
                measured.or_else(|measured| measured)
            }
        }
    }
}

impl ShrinkableKeyedStateStore<Question> for Counted {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn shrink_to_fit(&self) {
        self.0.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use shared::domain::Timestamp;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn pace(texts: u32) -> (Pace<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let texts = NonZeroU32::new(texts).unwrap();
        (Pace::per_minute(texts, clock.clone()), clock)
    }

    #[test]
    fn each_user_has_a_pace_of_their_own() {
        let (pace, clock) = pace(3);
        let (john, jane) = (UserId::generate(NOW), UserId::generate(NOW));
        for _ in 0..3 {
            assert!(pace.count(john).is_ok());
        }
        let Err(ApiError::SendingTooFast { retry_after }) = pace.count(john) else {
            panic!("the fourth text of a minute is not refused");
        };
        assert!(retry_after <= Duration::from_secs(20), "{retry_after:?}");
        assert!(pace.count(jane).is_ok());
        clock.advance(retry_after);
        assert!(pace.count(john).is_ok());
        assert!(pace.count(john).is_err());
    }

    #[test]
    fn to_ask_counts_nothing() {
        let (pace, clock) = pace(1);
        let john = UserId::generate(NOW);
        for _ in 0..3 {
            assert!(pace.foresee(john).is_ok());
        }
        assert!(pace.count(john).is_ok());
        for _ in 0..3 {
            let Err(ApiError::SendingTooFast { retry_after }) = pace.foresee(john) else {
                panic!("the second text of a minute is not refused");
            };
            assert_eq!(retry_after, Duration::from_mins(1));
        }
        clock.advance(Duration::from_mins(1));
        assert!(pace.foresee(john).is_ok());
        assert!(pace.count(john).is_ok());
    }

    #[test]
    fn users_who_rest_are_forgotten() {
        let (pace, clock) = pace(60);
        for _ in 0..10 {
            for _ in 0..1000 {
                assert!(pace.count(UserId::generate(NOW)).is_ok());
            }
            clock.advance(Duration::from_mins(2));
        }
        assert!(
            pace.limiter.len() <= 2 * SMALLEST_SWEEP,
            "{}",
            pace.limiter.len()
        );
    }
}
