//! The port to what ends login tokens before their time.

use async_trait::async_trait;

use super::Result;
use crate::domain::{IssuedToken, Revocation, SessionId, Timestamp};

/// The tokens that have ended: those of a session by logging out, or all of a user's by a change of the
/// password or the end of the account ([`super::Accounts`]).
#[async_trait]
pub trait Revocations: Send + Sync {
    /// Ends a session with all of its tokens. It is remembered until `until`, when all of them have
    /// expired.
    async fn revoke(&self, session: SessionId, until: Timestamp, now: Timestamp) -> Result<()>;

    /// What ended at `since` or later, by the clocks of those who ended it, in no particular order.
    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<Revocation>>;

    /// Whether a token has ended, counting everything that was acknowledged to anybody.
    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool>;
}
