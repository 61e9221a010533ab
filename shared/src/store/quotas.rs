//! The port to what users may still spend.

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::domain::{Timestamp, UserId};

/// How many of a user's latest reservations are surely recognised when they are repeated.
pub const REMEMBERED_RESERVATIONS: usize = 128;

const SECONDS_PER_DAY: i64 = 24 * 3600;

/// Counts the segments that each user sends on each day (UTC), for all processes together.
///
/// Whatever goes wrong, it counts too much rather than too little.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Counts a reservation, if it does not exceed the day's `limit` together with what was counted
    /// before. Repeating it is harmless as long as the user made fewer than
    /// [`REMEMBERED_RESERVATIONS`] others meanwhile; afterwards it may count again.
    async fn reserve(&self, reservation: &Reservation, limit: u32) -> Result<Reserved>;

    /// Gives all but `used` segments of a reservation back; not more than once, however often it is
    /// repeated.
    async fn reduce(&self, reservation: &Reservation, used: u32) -> Result<()>;

    /// The segments counted for a user on the day of `at`.
    async fn spent(&self, user: UserId, at: Timestamp) -> Result<u64>;
}

/// Segments that somebody is about to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    pub id: Uuid,
    pub user: UserId,
    /// In days since 1970-01-01.
    pub day: i64,
    pub segments: u32,
}

impl Reservation {
    pub fn new(user: UserId, segments: u32, now: Timestamp) -> Self {
        Self {
            id: Uuid::new_v4(),
            user,
            day: day(now),
            segments,
        }
    }

    /// When the next day begins.
    pub fn day_ends(&self) -> Timestamp {
        let seconds = self.day.saturating_add(1).saturating_mul(SECONDS_PER_DAY);
        Timestamp::from_millis(seconds.saturating_mul(1000))
    }
}

pub(super) fn day(at: Timestamp) -> i64 {
    at.as_seconds().div_euclid(SECONDS_PER_DAY)
}

/// What became of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    Granted,
    /// It would exceed the limit; nothing was counted.
    Exceeded,
}
