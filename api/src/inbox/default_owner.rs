use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::domain::{UserId, Username};
use mysms_core::store::{Accounts, Result};
use runtime::config::InboxConfig;

use crate::store_timeout::StoreTimeout;

/// Who gets what would belong to nobody, if the operator names a user for that.
pub(crate) struct DefaultOwner {
    accounts: Arc<dyn Accounts>,
    name: Option<Username>,
    store_timeout: StoreTimeout,
}

impl DefaultOwner {
    pub(crate) fn new(
        accounts: Arc<dyn Accounts>,
        config: InboxConfig,
        store_timeout: StoreTimeout,
    ) -> Self {
        Self {
            accounts,
            name: config.default_user,
            store_timeout,
        }
    }

    /// Nobody, if no user is named or there is none of that name; the log tells of the latter.
    pub(crate) async fn user(&self) -> Result<UserId> {
        let Some(name) = &self.name else {
            return Ok(UserId::NOBODY);
        };
        let found = self.store_timeout.once(self.accounts.by_name(name)).await?;
        if found.is_none() {
            tracing::error!(
                "DEFAULT_INBOX_USER names nobody who has an account: what belongs to nobody waits in the inbox"
            );
        }
        Ok(found.map_or(UserId::NOBODY, |user| user.id))
    }

    /// Whether the user who is named does not exist.
    pub(crate) async fn is_missing(&self) -> Result<bool> {
        Ok(self.name.is_some() && self.user().await? == UserId::NOBODY)
    }

    /// Tells the log as soon as the process starts.
    pub(crate) async fn check(&self) {
        if let Err(error) = self.is_missing().await {
            tracing::warn!(error = %Chain(&error), "cannot see yet whom DEFAULT_INBOX_USER names");
        }
    }
}
