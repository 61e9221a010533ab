use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::domain::Timestamp;

use crate::error::ApiError;

/// Counts the attempts of many, each of whom may make so many in a time, and gets them back evenly.
///
/// They are hashed into a fixed number of buckets, so that no number of them makes it grow; that two
/// share a bucket is rare, and nobody can choose with whom.
pub(crate) struct Buckets {
    /// The time after which one attempt is had back.
    interval: Duration,
    attempts: u32,
    /// When each bucket will be empty, as a time since 1970, which is finer than a timestamp. Those that are missing are.
    empty_at: Mutex<HashMap<u16, Duration>>,
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
    pub(crate) fn count(&self, who: &impl Hash, now: Timestamp) -> Result<Counted<'_>, ApiError> {
        let [low, high, ..] = self.hasher.hash_one(who).to_le_bytes();
        let bucket = u16::from_le_bytes([low, high]);
        let now = now.since(Timestamp::EPOCH);
        let full = now + self.interval * self.attempts;
        let mut empty_at = self.lock();
        let empty = empty_at.get(&bucket).copied().unwrap_or(now);
        // Whatever happens to the clock, nobody waits longer than for a bucket that is full.
        let empty = empty.clamp(now, full);
        let empty = empty + self.interval;
        let retry_after = empty.saturating_sub(full);
        if !retry_after.is_zero() {
            return Err(ApiError::TooManyAttempts { retry_after });
        }
        empty_at.insert(bucket, empty);
        drop(empty_at);
        Ok(Counted {
            buckets: self,
            bucket,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Duration>> {
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
            *empty = empty.saturating_sub(self.buckets.interval);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// How long a refused attempt has to wait.
    fn wait(refused: &Result<Counted<'_>, ApiError>) -> Duration {
        match refused {
            Err(ApiError::TooManyAttempts { retry_after }) => *retry_after,
            _ => panic!("the attempt is not refused"),
        }
    }

    #[test]
    fn attempts_come_back_evenly() {
        let buckets = Buckets::new(3, Duration::from_mins(1));
        let count = |seconds| buckets.count(&"john", NOW + Duration::from_secs(seconds));
        for _ in 0..3 {
            assert!(count(0).is_ok());
        }
        assert_eq!(wait(&count(0)), Duration::from_secs(20));
        assert_eq!(wait(&count(19)), Duration::from_secs(1));
        assert!(count(20).is_ok());
        assert!(count(20).is_err());
    }

    #[test]
    fn many_attempts_come_back_within_a_millisecond() {
        let buckets = Buckets::new(240_000, Duration::from_mins(1));
        for _ in 0..240_000 {
            assert!(buckets.count(&"john", NOW).is_ok());
        }
        assert_eq!(
            wait(&buckets.count(&"john", NOW)),
            Duration::from_micros(250)
        );
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_out_for_long() {
        let buckets = Buckets::new(3, Duration::from_mins(1));
        let ahead = NOW + Duration::from_hours(9);
        assert!(buckets.count(&"john", ahead).is_ok());
        let waits = wait(&buckets.count(&"john", NOW));
        assert_eq!(waits, Duration::from_secs(20));
    }

    #[test]
    fn what_is_given_back_was_not_counted() {
        let buckets = Buckets::new(1, Duration::from_mins(1));
        for _ in 0..9 {
            buckets.count(&"john", NOW).unwrap().give_back();
        }
        let counted = buckets.count(&"john", NOW).unwrap();
        assert!(buckets.count(&"john", NOW).is_err());
        // Given back late, it is no more than an attempt had back long ago.
        let later = NOW + Duration::from_hours(9);
        counted.give_back();
        assert!(buckets.count(&"john", later).is_ok());
        assert!(buckets.count(&"john", later).is_err());
    }

    #[test]
    fn memory_stays_bounded_whatever_the_number_of_clients() {
        let buckets = Buckets::new(1, Duration::from_mins(1));
        for number in 0..200_000_u32 {
            let _ = buckets.count(&number, NOW);
        }
        assert!(buckets.len() <= 1 << 16);
    }
}
