//! What users have set, as it is stored and as a process knows it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::chain::Chain;
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

/// What all users have set who have set anything. What cannot be read counts as not set.
pub async fn all_settings(records: &dyn Records) -> Result<HashMap<UserId, Arc<UserSettings>>> {
    let stored = records.records(Kind::Settings).await?;
    let settings = stored.iter().filter_map(|record| {
        let user = record.key.parse().ok()?;
        match record.read() {
            Ok(settings) => Some((user, Arc::new(settings))),
            Err(error) => {
                let error = Chain(&error);
                tracing::warn!(user.id = %user, %error, "a user's settings cannot be read");
                None
            }
        }
    });
    Ok(settings.collect())
}

/// What users have set as of the latest look.
#[derive(Default)]
pub struct KnownSettings(RwLock<HashMap<UserId, Arc<UserSettings>>>);

impl KnownSettings {
    /// Reads them anew.
    pub async fn look(&self, records: &dyn Records) -> Result<()> {
        let read = all_settings(records).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub fn of(&self, user: UserId) -> Arc<UserSettings> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&user).map(Arc::clone).unwrap_or_default()
    }
}
