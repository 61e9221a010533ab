use mongodb::bson::doc;
use tokio::time::Instant;

use super::{Mongo, answer};
use crate::clock::{Clock, MAX_CLOCK_SKEW, apart};
use crate::domain::Timestamp;
use crate::store::{Result, StoreError};

/// Why the clocks do not count as equal.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    #[error(
        "this machine's clock is {differs} the database's, at most {} s are safe: synchronise both",
        MAX_CLOCK_SKEW.as_secs()
    )]
    Skewed {
        /// How far, and in which direction.
        differs: String,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Mongo {
    /// Compares `clock` with the server's; fails if they are more than [`MAX_CLOCK_SKEW`] apart.
    pub async fn check_clock(&self, clock: &dyn Clock) -> std::result::Result<(), ClockError> {
        let asked = Instant::now();
        let server = self.server_time().await?;
        match apart(clock.now(), server, asked.elapsed()) {
            None => Ok(()),
            Some(differs) => Err(ClockError::Skewed { differs }),
        }
    }

    /// What the server's clock says.
    pub(super) async fn server_time(&self) -> Result<Timestamp> {
        let hello = answer(self.db.database.run_command(doc! { "hello": 1 })).await?;
        let time = hello.get_datetime("localTime");
        let time = time.map_err(|error| StoreError::corrupt("the server's time", error))?;
        Ok(Timestamp::from_millis(time.timestamp_millis()))
    }
}
