use mongodb::bson::doc;
use mysms_core::clock::Clock;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Result, StoreError};
use runtime::clock::{Sighting, unsafe_beside};
use tokio::time::Instant;

use super::{Mongo, answer};

/// Why the clocks do not count as equal.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// They are too far apart, as this sentence says.
    #[error("{0}")]
    Skewed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Mongo {
    /// Compares `clock` with the server's; fails if they are further apart than is safe.
    pub async fn check_clock(&self, clock: &dyn Clock) -> std::result::Result<(), ClockError> {
        let asked = Instant::now();
        let at = self.server_time().await?;
        let within = asked.elapsed();
        match unsafe_beside(clock.now(), Sighting { at, within }) {
            None => Ok(()),
            Some(reason) => Err(ClockError::Skewed(reason)),
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
