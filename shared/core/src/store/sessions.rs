//! The port to the sessions of users.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Renewal, Session, SessionId, Timestamp, UserId};

/// What users are shown of their logins. It also shows when a token is renewed twice.
///
/// It does not end any token: [`super::Revocations`] does. A session is forgotten some time after its
/// `until`.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Records a session that begins, unless one with this id is known already. Repeating it is
    /// harmless.
    async fn begin(&self, session: &Session) -> Result<()>;

    /// Replaces the latest token by another one; the session ends no earlier than before. Repeating it is
    /// harmless.
    async fn renew(&self, renewal: &Renewal) -> Result<Renewed>;

    /// Replaces what changes of a session, unless its latest token or the turn of its cookie has changed
    /// since it was `from`. Of the two `to` has at least one that is new. Repeating it is harmless.
    async fn go_on(&self, from: &Session, to: &Session) -> Result<Renewed>;

    /// Up to `limit` sessions of a user from `generation` on whose tokens are good at `now`, the
    /// latest renewed first.
    async fn sessions_of(
        &self,
        user: UserId,
        generation: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>>;

    /// A user's session; `None` once it is forgotten.
    async fn session(&self, user: UserId, id: SessionId) -> Result<Option<Session>>;

    /// Forgets a session that has ended.
    async fn forget(&self, id: SessionId) -> Result<()>;

    /// Forgets all sessions of a user.
    async fn forget_all(&self, user: UserId) -> Result<()>;
}

/// What became of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    Done,
    /// The token, or the turn of the cookie, is not the latest any more.
    Before,
    /// There is no such session, or it is forgotten.
    Unknown,
}
