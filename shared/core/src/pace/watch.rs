//! The senders as a process knows them.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::{Registry, Sender, SenderAddress};
use crate::store::{Kind, Records, Result, Stored};

/// The senders of one account. What another process changed since the latest look is not known yet.
pub struct SenderWatch {
    records: Arc<dyn Records>,
    account: String,
    environment: SenderAddress,
    known: RwLock<Option<Arc<Registry>>>,
}

impl SenderWatch {
    /// The pause between two looks.
    pub const LOOK_INTERVAL: Duration = Duration::from_secs(2);

    /// How long it takes until every process knows of a change and has answered what it had begun before.
    pub const HEARD_AFTER: Duration = Duration::from_secs(5);

    pub fn new(records: Arc<dyn Records>, account: &str, environment: SenderAddress) -> Self {
        Self {
            records,
            account: account.to_owned(),
            environment,
            known: RwLock::default(),
        }
    }

    pub fn account(&self) -> &str {
        &self.account
    }

    /// The senders as of the latest look; the first call looks.
    pub async fn registry(&self) -> Result<Arc<Registry>> {
        match self.known() {
            Some(known) => Ok(known),
            None => self.look().await,
        }
    }

    fn known(&self) -> Option<Arc<Registry>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// Reads the senders anew.
    pub async fn look(&self) -> Result<Arc<Registry>> {
        let stored = self.records.records(Kind::Sender).await?;
        let senders: Vec<Sender> = stored.iter().map(Stored::read).collect::<Result<_>>()?;
        let environment = self.environment.clone();
        let registry = Arc::new(Registry::new(senders, &self.account, environment));
        self.know(Arc::clone(&registry));
        Ok(registry)
    }

    fn know(&self, registry: Arc<Registry>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(registry);
    }
}
