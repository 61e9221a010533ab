use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::error::ApiError;
use crate::extract::ClientAddress;

/// Limits signups and logins per client address.
///
/// Addresses are hashed into a fixed number of buckets, so that no number of clients makes it grow;
/// that two addresses share a bucket is rare, and nobody can choose with whom.
pub(crate) struct AttemptLimiter<C: Clock = MonotonicClock> {
    buckets: RateLimiter<u16, HashMapStateStore<u16>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    hasher: RandomState,
}

impl AttemptLimiter {
    pub(crate) fn per_minute(attempts: u32) -> Self {
        Self::with_clock(attempts, MonotonicClock)
    }
}

impl<C: Clock + Clone> AttemptLimiter<C> {
    fn with_clock(attempts_per_minute: u32, clock: C) -> Self {
        let attempts = NonZeroU32::new(attempts_per_minute).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(attempts);
        Self {
            buckets: RateLimiter::hashmap_with_clock(quota, clock.clone()),
            clock,
            hasher: RandomState::new(),
        }
    }

    /// Counts an attempt, or tells how long to wait for the next.
    pub(crate) fn attempt(&self, client: IpAddr) -> Result<(), Duration> {
        let [low, high, ..] = self.hasher.hash_one(network(client)).to_le_bytes();
        self.buckets
            .check_key(&u16::from_le_bytes([low, high]))
            .map_err(|refusal| refusal.wait_time_from(self.clock.now()))
    }
}

/// An IPv6 customer has a whole /64.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(prefix.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

pub(crate) async fn limit_attempts(
    State(limiter): State<Arc<AttemptLimiter>>,
    ClientAddress(client): ClientAddress,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    limiter
        .attempt(client)
        .map_err(|retry_after| ApiError::TooManyAttempts { retry_after })?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn attempts_are_counted_per_address_and_come_back_with_time() {
        let clock = FakeRelativeClock::default();
        let limiter = AttemptLimiter::with_clock(3, clock.clone());
        let john = address("203.0.113.7");
        for _ in 0..3 {
            assert!(limiter.attempt(john).is_ok());
        }
        let wait = limiter.attempt(john).unwrap_err();
        assert!(wait <= Duration::from_secs(20), "{wait:?}");
        // Of eight others at most one could share the bucket, and that is unlikely enough.
        let others = (1..=8).filter(|last| {
            let other = address(&format!("198.51.100.{last}"));
            limiter.attempt(other).is_ok()
        });
        assert!(others.count() >= 7);

        clock.advance(wait);
        assert!(limiter.attempt(john).is_ok());
        assert!(limiter.attempt(john).is_err());
    }

    #[test]
    fn one_ipv6_customer_is_one_client() {
        let limiter = AttemptLimiter::with_clock(1, FakeRelativeClock::default());
        assert!(limiter.attempt(address("2001:db8:1:2::1")).is_ok());
        assert!(limiter.attempt(address("2001:db8:1:2:ffff::9")).is_err());
    }

    #[test]
    fn memory_stays_bounded_whatever_the_number_of_clients() {
        let limiter = AttemptLimiter::with_clock(1, FakeRelativeClock::default());
        for number in 0..200_000_u32 {
            let _ = limiter.attempt(IpAddr::V4(number.into()));
        }
        assert!(limiter.buckets.len() <= 1 << 16);
    }
}
