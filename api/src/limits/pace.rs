use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::domain::UserId;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// So few users are not worth a sweep.
const SMALLEST_SWEEP: usize = 1024;

/// Counts the texts of the last minute, for this process alone: a bucket for each user, which one text
/// fills by its part of a minute, and which empties as time passes.
pub(super) struct Pace {
    /// What one text fills of a bucket.
    per_text: Duration,
    users: Mutex<Users>,
}

/// There is no room for one more before this time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooFast {
    pub(super) retry_after: Duration,
}

struct Users {
    /// When each user's bucket will be empty. Those that are missing are.
    empty_at: HashMap<UserId, Instant>,
    /// How many users there may be before those who have rested are forgotten.
    sweep_at: usize,
}

impl Pace {
    pub(super) fn new(texts_per_minute: NonZeroU32) -> Self {
        Self {
            per_text: MINUTE / texts_per_minute.get(),
            users: Mutex::new(Users {
                empty_at: HashMap::new(),
                sweep_at: SMALLEST_SWEEP,
            }),
        }
    }

    /// Counts a text, or refuses it.
    pub(super) fn count(&self, user: UserId) -> Result<(), TooFast> {
        let now = Instant::now();
        let mut users = self.lock();
        users.sweep(now);
        let empty = self.with_one_more(&users, user, now)?;
        users.empty_at.insert(user, empty);
        Ok(())
    }

    /// What [`Self::count`] would say now. Counts nothing.
    pub(super) fn foresee(&self, user: UserId) -> Result<(), TooFast> {
        let now = Instant::now();
        self.with_one_more(&self.lock(), user, now).map(drop)
    }

    /// When the user's bucket will be empty if one more text goes into it; refuses what has no room.
    fn with_one_more(&self, users: &Users, user: UserId, now: Instant) -> Result<Instant, TooFast> {
        let empty = users.empty_at.get(&user);
        let empty = empty.map_or(now, |empty| now.max(*empty)) + self.per_text;
        let retry_after = empty.saturating_duration_since(now + MINUTE);
        if retry_after.is_zero() {
            Ok(empty)
        } else {
            Err(TooFast { retry_after })
        }
    }

    fn lock(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Users {
    /// Forgets those whose buckets are empty, whenever there are twice as many users as were left the
    /// last time. So no more are kept than twice those who sent within a minute.
    fn sweep(&mut self, now: Instant) {
        if self.empty_at.len() < self.sweep_at {
            return;
        }
        self.empty_at.retain(|_, empty| *empty > now);
        self.empty_at.shrink_to_fit();
        self.sweep_at = self.empty_at.len().saturating_mul(2).max(SMALLEST_SWEEP);
    }
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::Timestamp;
    use tokio::time::advance;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn pace(texts: u32) -> Pace {
        Pace::new(NonZeroU32::new(texts).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn each_user_has_a_pace_of_their_own() {
        let pace = pace(3);
        let (john, jane) = (UserId::generate(NOW), UserId::generate(NOW));
        for _ in 0..3 {
            assert!(pace.count(john).is_ok());
        }
        let Err(TooFast { retry_after }) = pace.count(john) else {
            panic!("the fourth text of a minute is not refused");
        };
        assert!(retry_after <= Duration::from_secs(20), "{retry_after:?}");
        assert!(pace.count(jane).is_ok());
        advance(retry_after).await;
        assert!(pace.count(john).is_ok());
        assert!(pace.count(john).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn to_ask_counts_nothing() {
        let pace = pace(1);
        let john = UserId::generate(NOW);
        for _ in 0..3 {
            assert!(pace.foresee(john).is_ok());
        }
        assert!(pace.count(john).is_ok());
        for _ in 0..3 {
            let Err(TooFast { retry_after }) = pace.foresee(john) else {
                panic!("the second text of a minute is not refused");
            };
            assert_eq!(retry_after, Duration::from_mins(1));
        }
        advance(Duration::from_mins(1)).await;
        assert!(pace.foresee(john).is_ok());
        assert!(pace.count(john).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn users_who_rest_are_forgotten() {
        let pace = pace(60);
        for _ in 0..10 {
            for _ in 0..1000 {
                assert!(pace.count(UserId::generate(NOW)).is_ok());
            }
            advance(Duration::from_mins(2)).await;
        }
        assert!(
            pace.lock().empty_at.len() <= 2 * SMALLEST_SWEEP,
            "{}",
            pace.lock().empty_at.len()
        );
    }
}
