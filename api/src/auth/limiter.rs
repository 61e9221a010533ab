use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use shared::config::LimitsConfig;
use shared::domain::UsernameHash;

use crate::error::ApiError;
use crate::extract::ClientAddress;

/// Limits signups, logins and the like: per client address, and per account and address, so that
/// nobody can guess one password for long, and nobody can lock another out of their account.
pub(crate) struct AttemptLimiter<C: Clock = MonotonicClock> {
    addresses: Buckets<C>,
    accounts: Buckets<C>,
}

/// Counts the attempts of many.
///
/// They are hashed into a fixed number of buckets, so that no number of them makes it grow; that two
/// share a bucket is rare, and nobody can choose with whom.
struct Buckets<C: Clock> {
    limiter: RateLimiter<u16, HashMapStateStore<u16>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    hasher: RandomState,
}

impl AttemptLimiter {
    pub(crate) fn new(limits: &LimitsConfig) -> Self {
        Self::with_clock(
            limits.attempts_per_address,
            limits.attempts_per_account,
            MonotonicClock,
        )
    }
}

impl<C: Clock + Clone> AttemptLimiter<C> {
    fn with_clock(per_address: u32, per_account: u32, clock: C) -> Self {
        Self {
            addresses: Buckets::per_minute(per_address, clock.clone()),
            accounts: Buckets::per_minute(per_account, clock),
        }
    }

    /// Counts an attempt, or tells how long to wait for the next.
    fn attempt(&self, client: IpAddr) -> Result<(), ApiError> {
        self.addresses.count(&network(client))
    }

    /// Counts an attempt on an account, whether there is such a one or not.
    pub(crate) fn attempt_on(
        &self,
        account: &UsernameHash,
        ClientAddress(client): ClientAddress,
    ) -> Result<(), ApiError> {
        self.accounts.count(&(account, network(client)))
    }
}

impl<C: Clock + Clone> Buckets<C> {
    fn per_minute(attempts: u32, clock: C) -> Self {
        let attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(attempts);
        Self {
            limiter: RateLimiter::hashmap_with_clock(quota, clock.clone()),
            clock,
            hasher: RandomState::new(),
        }
    }

    fn count(&self, who: &impl Hash) -> Result<(), ApiError> {
        let [low, high, ..] = self.hasher.hash_one(who).to_le_bytes();
        self.limiter
            .check_key(&u16::from_le_bytes([low, high]))
            .map_err(|refusal| ApiError::TooManyAttempts {
                retry_after: refusal.wait_time_from(self.clock.now()),
            })
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
    limiter.attempt(client)?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn account(name: &str) -> UsernameHash {
        shared::domain::Username::parse(name).unwrap().hash()
    }

    /// How long a refused attempt has to wait.
    fn wait(refused: &Result<(), ApiError>) -> Duration {
        match refused {
            Err(ApiError::TooManyAttempts { retry_after }) => *retry_after,
            _ => panic!("the attempt is not refused"),
        }
    }

    #[test]
    fn attempts_are_counted_per_address_and_come_back_with_time() {
        let clock = FakeRelativeClock::default();
        let limiter = AttemptLimiter::with_clock(3, 1, clock.clone());
        let john = address("203.0.113.7");
        for _ in 0..3 {
            assert!(limiter.attempt(john).is_ok());
        }
        let wait = wait(&limiter.attempt(john));
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
    fn nobody_is_locked_out_by_the_attempts_of_others() {
        let limiter = AttemptLimiter::with_clock(100, 2, FakeRelativeClock::default());
        let attempt = |name: &str, from: &str| {
            limiter.attempt_on(&account(name), ClientAddress(address(from)))
        };
        let evil = "203.0.113.7";
        for _ in 0..2 {
            assert!(attempt("john_doe", evil).is_ok());
        }
        let wait = wait(&attempt("John_Doe", evil));
        assert!(wait <= Duration::from_secs(30), "{wait:?}");
        // John at home can still log in, and the other address into other accounts.
        let homes = (1..=8).filter(|last| {
            let home = format!("198.51.100.{last}");
            attempt("john_doe", &home).is_ok()
        });
        assert!(homes.count() >= 7);
        let others = (1..=8).filter(|number| attempt(&format!("user{number}"), evil).is_ok());
        assert!(others.count() >= 7);
    }

    #[test]
    fn one_ipv6_customer_is_one_client() {
        let limiter = AttemptLimiter::with_clock(1, 1, FakeRelativeClock::default());
        assert!(limiter.attempt(address("2001:db8:1:2::1")).is_ok());
        assert!(limiter.attempt(address("2001:db8:1:2:ffff::9")).is_err());
    }

    #[test]
    fn memory_stays_bounded_whatever_the_number_of_clients() {
        let limiter = AttemptLimiter::with_clock(1, 1, FakeRelativeClock::default());
        let john = account("john_doe");
        for number in 0..200_000_u32 {
            let client = IpAddr::V4(number.into());
            let _ = limiter.attempt(client);
            let _ = limiter.attempt_on(&john, ClientAddress(client));
        }
        assert!(limiter.addresses.limiter.len() <= 1 << 16);
        assert!(limiter.accounts.limiter.len() <= 1 << 16);
    }
}
