use std::time::Duration;

use mongodb::bson::doc;

use super::{Mongo, answer};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::store::StoreError;

/// How far this machine's clock may be from the database's. Leases and start windows are kept by
/// the clocks of many machines, and leave room for no more.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5);

/// Why the clocks do not count as equal.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    #[error(
        "this machine's clock is {:.1} s {direction} the database's, at most {} s are safe: \
         synchronise both",
        .by.as_secs_f64(),
        MAX_CLOCK_SKEW.as_secs()
    )]
    Skewed {
        by: Duration,
        /// `ahead of` or `behind`.
        direction: &'static str,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Mongo {
    /// Compares `clock` with the server's; fails if they are more than [`MAX_CLOCK_SKEW`] apart.
    pub async fn check_clock(&self, clock: &dyn Clock) -> Result<(), ClockError> {
        let asked = clock.now();
        let hello = answer(self.db.database.run_command(doc! { "hello": 1 })).await?;
        let answered = clock.now();
        let server = hello
            .get_datetime("localTime")
            .map_err(|error| StoreError::corrupt("the server's time", error))?;
        compare(
            asked,
            Timestamp::from_millis(server.timestamp_millis()),
            answered,
        )
    }
}

/// The server read its clock between `asked` and `answered`; the benefit of that doubt is its own.
fn compare(asked: Timestamp, server: Timestamp, answered: Timestamp) -> Result<(), ClockError> {
    let (by, direction) = if server < asked {
        (asked.since(server), "ahead of")
    } else {
        (server.since(answered), "behind")
    };
    if by > MAX_CLOCK_SKEW {
        return Err(ClockError::Skewed { by, direction });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_be_five_seconds_apart() {
        let at = Timestamp::from_millis;
        assert!(compare(at(100_000), at(95_000), at(100_020)).is_ok());
        assert!(compare(at(100_000), at(105_020), at(100_020)).is_ok());
        let ahead = compare(at(100_000), at(94_999), at(100_020)).unwrap_err();
        assert!(
            ahead.to_string().contains("5.0 s ahead of the database's"),
            "{ahead}"
        );
        let behind = compare(at(100_000), at(160_020), at(100_020)).unwrap_err();
        assert!(
            behind.to_string().contains("60.0 s behind the database's"),
            "{behind}"
        );
    }
}
