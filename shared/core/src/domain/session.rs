//! Logins that go on, from one token to the next.

use super::{SessionId, Timestamp, TokenId, UserId};

/// What began with a login, and lasts as long as its tokens are renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// The user's at the login. The session has ended with all of this generation.
    pub generation: u32,
    /// The latest token, the only one that can be renewed.
    pub token: TokenId,
    pub begun_at: Timestamp,
    /// When the latest token was given.
    pub renewed_at: Timestamp,
    /// From when on the latest token is good for nothing.
    pub until: Timestamp,
    pub origin: Origin,
}

/// Where a session began, told no closer than its user needs to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The network around the client's address.
    pub network: String,
    /// What the client called itself, if anything.
    pub agent: Option<String>,
}

/// A token in the place of an earlier one.
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    pub session: SessionId,
    pub from: TokenId,
    pub to: TokenId,
    pub now: Timestamp,
    /// From when on the new one is good for nothing.
    pub until: Timestamp,
}
