use std::sync::Arc;

use mysms_core::clock::Clock;
use mysms_core::domain::{Grant, PhoneNumber, Scope, SenderAddress, UserId, UsernameHash};
use mysms_core::store::Result;

use super::{ApiKeys, KeyHolder, Revoked, TokenHolder};
use crate::error::ApiError;

/// The user in whose name a request is made. A handler that takes one answers nobody else, and a key only
/// if the route's description lets it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Whose everything is that the request reads and writes: in the sandbox another user than the owner.
    pub user: UserId,
    /// Whose login or key it is.
    pub owner: UserId,
    pub hash: UsernameHash,
    pub by: Credential,
}

/// What shows that a request is made in a user's name.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Of a login.
    Token(TokenHolder),
    /// Of a program.
    Key(Arc<KeyHolder>),
}

impl Caller {
    /// What limits the caller, if it is a program.
    pub(crate) fn grant(&self) -> Option<&Grant> {
        match &self.by {
            Credential::Token(_) => None,
            Credential::Key(holder) => Some(&holder.key.grant),
        }
    }

    /// Refuses a program that lacks a scope which what it asks for needs beside the route's own.
    pub(crate) fn require_scope(&self, scope: Scope) -> std::result::Result<(), ApiError> {
        match self.grant() {
            Some(grant) if !grant.allows(scope) => Err(ApiError::ScopeMissing { scope }),
            _ => Ok(()),
        }
    }

    /// From where texts may leave, if not from wherever the user's may.
    pub(crate) fn senders(&self) -> Option<&[SenderAddress]> {
        self.grant()?.senders.as_deref()
    }

    /// Refuses a recipient that the caller may not send to.
    pub(crate) fn require_reach(
        &self,
        recipient: &PhoneNumber,
    ) -> std::result::Result<(), ApiError> {
        match self.grant() {
            Some(grant) if !grant.reaches(recipient) => Err(ApiError::RecipientNotInTeam),
            _ => Ok(()),
        }
    }
}

impl From<TokenHolder> for Caller {
    fn from(holder: TokenHolder) -> Self {
        Self {
            user: holder.user,
            owner: holder.user,
            hash: holder.hash.clone(),
            by: Credential::Token(holder),
        }
    }
}

impl From<Arc<KeyHolder>> for Caller {
    fn from(holder: Arc<KeyHolder>) -> Self {
        Self {
            user: holder.key.user(),
            owner: holder.key.owner,
            hash: holder.hash.clone(),
            by: Credential::Key(holder),
        }
    }
}

/// Whether what somebody was let in with goes on being good, for answers that have no end.
pub(crate) struct Standing {
    pub revoked: Arc<Revoked>,
    pub keys: Arc<ApiKeys>,
    pub clock: Arc<dyn Clock>,
}

impl Standing {
    /// Fails if it cannot be known at the moment.
    pub(crate) async fn holds(&self, caller: &Caller) -> Result<bool> {
        let now = self.clock.now();
        match &caller.by {
            Credential::Token(holder) => {
                let ended = self.revoked.has_ended(&holder.token).await?;
                Ok(!ended && now <= holder.expires_at)
            }
            Credential::Key(holder) => self.keys.holds(&holder.key.id, now).await,
        }
    }

    /// Whether it has surely ended; of a token only what this process knows counts.
    pub(crate) async fn has_ended(&self, caller: &Caller) -> bool {
        match &caller.by {
            Credential::Token(holder) => {
                let expired = self.clock.now() > holder.expires_at;
                expired || self.revoked.knows_end_of(&holder.token)
            }
            Credential::Key(_) => matches!(self.holds(caller).await, Ok(false)),
        }
    }
}
