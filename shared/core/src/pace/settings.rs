//! What users have set, as a process knows it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::chain::Chain;
use crate::domain::{UserId, UserSettings};
use crate::store::{Kind, Records, Result};

/// The settings of users. One who is not in it has the usual ones.
pub type Settings = HashMap<UserId, Arc<UserSettings>>;

/// What users have set. What another process changed since the latest look is not known yet.
pub struct SettingsWatch {
    records: Arc<dyn Records>,
    known: RwLock<Option<Arc<Settings>>>,
}

impl SettingsWatch {
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            known: RwLock::default(),
        }
    }

    /// All settings as of the latest look; the first call looks.
    pub async fn all(&self) -> Result<Arc<Settings>> {
        match self.known() {
            Some(known) => Ok(known),
            None => self.look().await,
        }
    }

    fn known(&self) -> Option<Arc<Settings>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// Reads them anew. What cannot be read counts as not set.
    pub async fn look(&self) -> Result<Arc<Settings>> {
        let stored = self.records.records(Kind::Settings).await?;
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
        let settings = Arc::new(settings.collect());
        self.know(Arc::clone(&settings));
        Ok(settings)
    }

    /// Takes note of what this process has stored for a user.
    pub fn learn(&self, user: UserId, settings: Arc<UserSettings>) {
        if let Some(known) = self.known() {
            let mut known = Settings::clone(&known);
            known.insert(user, settings);
            self.know(Arc::new(known));
        }
    }

    fn know(&self, settings: Arc<Settings>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(settings);
    }
}
