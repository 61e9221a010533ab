//! The port to what ends login tokens before their time.

use async_trait::async_trait;

use super::Result;
use crate::domain::{IssuedToken, Revocation, Timestamp, TokenId};

/// The tokens that have ended: one by one by logging out, or all of a user's by a change of the
/// password or the end of the account ([`super::Accounts`]).
#[async_trait]
pub trait Revocations: Send + Sync {
    /// Ends a token. It is remembered until `until`, after which the token must not hold anyway.
    async fn revoke(&self, token: TokenId, until: Timestamp, now: Timestamp) -> Result<()>;

    /// What ended at `since` or later, by the clocks of those who ended it, in no particular order.
    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<Revocation>>;

    /// Whether a token has ended, by all that was ever answered to anybody.
    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool>;
}
