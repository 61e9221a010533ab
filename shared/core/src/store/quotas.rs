//! The port to what may still be sent.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::domain::{Timestamp, UserId};

/// How many of a counter's latest reservations are surely recognised when they are repeated.
pub const REMEMBERED_RESERVATIONS: usize = 128;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Counts what is sent within each hour or day (UTC), for all processes together. Each counter is one
/// document, however much it has counted.
///
/// Whatever goes wrong, it counts too much rather than too little.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Counts every charge of a reservation, if none exceeds its limit together with what was counted
    /// before; otherwise none. It costs one round trip, however many charges there are. Repeating it is
    /// harmless as long as fewer than [`REMEMBERED_RESERVATIONS`] others came to each counter meanwhile;
    /// afterwards it may count again.
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserved>;

    /// Undoes a reservation; only once, however often this is repeated.
    async fn give_back(&self, reservation: &Reservation) -> Result<()>;

    /// What was counted so far in the hour or day of `at`, in the order of the counters.
    async fn spent(&self, counters: &[Counter], at: Timestamp) -> Result<Vec<u64>>;
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// The segments of a user, by day.
    User(UserId),
    /// The segments of all users, by day.
    Everybody,
    /// The segments of all users to recipients abroad, by day.
    Abroad,
    /// The texts of all users to a number, by hour.
    Recipient(NumberDigest),
    /// The texts of all users to the numbers that begin alike, by hour.
    Prefix(NumberDigest),
}

/// Stands for a number or the beginning of some, so that nobody who sees the counters sees numbers. It has
/// to be made with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberDigest(pub [u8; 16]);

/// What a text adds to a counter, and up to where that may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub counter: Counter,
    pub amount: u32,
    pub limit: u32,
}

/// What a text that is about to be sent adds to all its counters, each of which is in it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub id: Uuid,
    /// When it is made.
    pub now: Timestamp,
    /// When the text is to be sent: it counts in the hour or day of that.
    pub at: Timestamp,
    pub charges: Vec<Charge>,
}

/// What became of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    Granted,
    /// These would exceed their limits; nothing was counted.
    Exceeded(Vec<Counter>),
}

impl Counter {
    /// The hour or day of `at`, counted from 1970-01-01.
    pub fn window(self, at: Timestamp) -> i64 {
        at.as_seconds().div_euclid(self.seconds())
    }

    /// When the hour or day of `at` ends.
    pub fn ends(self, at: Timestamp) -> Timestamp {
        let next = self.window(at).saturating_add(1);
        let seconds = next.saturating_mul(self.seconds());
        Timestamp::from_millis(seconds.saturating_mul(1000))
    }

    /// When the count may be forgotten. A host that lags behind by that much does not exist.
    pub fn kept_until(self, at: Timestamp) -> Timestamp {
        self.ends(at) + self.period()
    }

    fn seconds(self) -> i64 {
        i64::try_from(self.period().as_secs()).unwrap_or(i64::MAX)
    }

    const fn period(self) -> Duration {
        match self {
            Self::User(_) | Self::Everybody | Self::Abroad => DAY,
            Self::Recipient(_) | Self::Prefix(_) => HOUR,
        }
    }
}

impl Charge {
    /// Whether it fits, given what was counted before.
    pub fn fits(&self, spent: u64) -> bool {
        spent.saturating_add(self.amount.into()) <= self.limit.into()
    }
}

impl Reservation {
    pub fn new(charges: Vec<Charge>, now: Timestamp, at: Timestamp) -> Self {
        Self {
            id: Uuid::new_v4(),
            now,
            at,
            charges,
        }
    }
}
