//! Who gets what would belong to nobody.

use std::sync::Arc;

use crate::domain::{Receiver, UserId, Username};
use crate::store::{Accounts, Result};

/// Who gets what would belong to nobody, if the operator names a user for that.
pub struct DefaultOwner {
    accounts: Arc<dyn Accounts>,
    name: Option<Username>,
}

impl DefaultOwner {
    pub fn new(accounts: Arc<dyn Accounts>, name: Option<Username>) -> Self {
        Self { accounts, name }
    }

    /// Whether this is the name, which nobody may take but whom an operator gives it.
    pub fn is_named(&self, name: &Username) -> bool {
        let own = self.name.as_ref();
        own.is_some_and(|own| own.hash() == name.hash())
    }

    /// Nobody, if no user is named or there is none of that name; the log tells of the latter.
    pub async fn user(&self) -> Result<UserId> {
        let Some(name) = &self.name else {
            return Ok(UserId::NOBODY);
        };
        let found = self.accounts.by_name(name).await?;
        if found.is_none() {
            tracing::error!(
                "DEFAULT_INBOX_USER names nobody who has an account: what belongs to nobody waits in the inbox"
            );
        }
        Ok(found.map_or(UserId::NOBODY, |user| user.id))
    }

    /// Whom a sender's rule names, unless that user has left: then it is as if it named nobody.
    pub(super) async fn still(&self, receiver: Receiver) -> Result<Receiver> {
        let Receiver::User(user) = receiver else {
            return Ok(receiver);
        };
        let is_there = self.is_there(user).await?;
        Ok(if is_there { receiver } else { Receiver::Holder })
    }

    /// Whether a user has not left.
    pub(super) async fn is_there(&self, user: UserId) -> Result<bool> {
        Ok(self.accounts.by_id(user).await?.is_some())
    }

    /// Whether the user who is named does not exist.
    pub async fn is_missing(&self) -> Result<bool> {
        Ok(self.name.is_some() && self.user().await? == UserId::NOBODY)
    }
}
