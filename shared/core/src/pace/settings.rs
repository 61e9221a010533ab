//! What users have set, as it is stored.

use crate::domain::{Timestamp, UserId, UserSettings};
use crate::store::{Kind, Records, Result};

/// What a user has set; the defaults if that is nothing.
pub async fn settings_of(
    records: &dyn Records,
    user: UserId,
    now: Timestamp,
) -> Result<UserSettings> {
    let key = user.to_string();
    let reading = records.record(Kind::Settings, &key, now).await?;
    match reading.record {
        Some(stored) => stored.read(),
        None => Ok(UserSettings::default()),
    }
}
