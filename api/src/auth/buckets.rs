use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::ApiError;

/// Counts the attempts of many, each of whom may make so many in a time, and gets them back evenly.
///
/// They are hashed into a fixed number of buckets, so that no number of them makes it grow; that two
/// share a bucket is rare, and nobody can choose with whom.
pub(crate) struct Buckets {
    /// The time after which one attempt is had back.
    interval: Duration,
    attempts: u32,
    /// When each bucket will be empty. Those that are missing are.
    empty_at: Mutex<HashMap<u16, Instant>>,
    hasher: RandomState,
}

/// An attempt that was counted. It stays so unless it is given back.
#[must_use]
pub(crate) struct Counted<'a> {
    buckets: &'a Buckets,
    bucket: u16,
}

impl Buckets {
    pub(crate) fn new(attempts: u32, per: Duration) -> Self {
        let attempts = attempts.max(1);
        Self {
            interval: per / attempts,
            attempts,
            empty_at: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Counts an attempt, or tells how long to wait for the next.
    pub(crate) fn count(&self, who: &impl Hash) -> Result<Counted<'_>, ApiError> {
        let [low, high, ..] = self.hasher.hash_one(who).to_le_bytes();
        let bucket = u16::from_le_bytes([low, high]);
        let now = Instant::now();
        let full = now + self.interval * self.attempts;
        let mut empty_at = self.lock();
        let empty = empty_at.get(&bucket).map_or(now, |empty| now.max(*empty));
        let empty = empty + self.interval;
        if empty > full {
            let retry_after = empty - full;
            return Err(ApiError::TooManyAttempts { retry_after });
        }
        empty_at.insert(bucket, empty);
        drop(empty_at);
        Ok(Counted {
            buckets: self,
            bucket,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Instant>> {
        self.empty_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}

impl Counted<'_> {
    pub(super) fn give_back(self) {
        if let Some(empty) = self.buckets.lock().get_mut(&self.bucket) {
            *empty -= self.buckets.interval;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// How long a refused attempt has to wait.
    fn wait(refused: &Result<Counted<'_>, ApiError>) -> Duration {
        match refused {
            Err(ApiError::TooManyAttempts { retry_after }) => *retry_after,
            _ => panic!("the attempt is not refused"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_come_back_evenly() {
        let buckets = Buckets::new(3, Duration::from_mins(1));
        for _ in 0..3 {
            assert!(buckets.count(&"john").is_ok());
        }
        assert_eq!(wait(&buckets.count(&"john")), Duration::from_secs(20));
        advance(Duration::from_secs(19)).await;
        assert_eq!(wait(&buckets.count(&"john")), Duration::from_secs(1));
        advance(Duration::from_secs(1)).await;
        assert!(buckets.count(&"john").is_ok());
        assert!(buckets.count(&"john").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_was_not_counted() {
        let buckets = Buckets::new(1, Duration::from_mins(1));
        for _ in 0..9 {
            buckets.count(&"john").unwrap().give_back();
        }
        let counted = buckets.count(&"john").unwrap();
        assert!(buckets.count(&"john").is_err());
        // Given back late, it is no more than an attempt had back long ago.
        advance(Duration::from_hours(9)).await;
        counted.give_back();
        assert!(buckets.count(&"john").is_ok());
        assert!(buckets.count(&"john").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_stays_bounded_whatever_the_number_of_clients() {
        let buckets = Buckets::new(1, Duration::from_mins(1));
        for number in 0..200_000_u32 {
            let _ = buckets.count(&number);
        }
        assert!(buckets.len() <= 1 << 16);
    }
}
