//! The port to the users.

use async_trait::async_trait;

use super::Result;
use crate::domain::{NetworkMark, NewUser, Timestamp, User, UserId, Username};

/// The users who may send.
///
/// A user whose account was closed is not found any more. What is left until their messages are erased
/// has neither name nor password.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Creates a user. Of two that race for one name (ignoring case) or with one invite exactly one is
    /// created; the invite of one who is not stays as it was. Repeating it with the same id is harmless.
    async fn sign_up(&self, user: NewUser) -> Result<SignUp>;

    /// Finds a user by name, ignoring case.
    async fn by_name(&self, username: &Username) -> Result<Option<User>>;

    async fn by_id(&self, id: UserId) -> Result<Option<User>>;

    /// Records that a user has logged in from a network, as the latest of their
    /// [`KnownNetworks`](crate::domain::KnownNetworks). Repeating it is harmless. Nothing happens if
    /// the account is closed.
    async fn remember_network(&self, id: UserId, mark: &NetworkMark) -> Result<()>;

    /// Replaces a hash by another one of the same password, if it is still the stored one; no token
    /// ends. Repeating it is harmless.
    async fn replace_hash(&self, id: UserId, from: &str, to: &str) -> Result<()>;

    /// Sets a password, provided that it is still the one that the change begins with, and ends all
    /// tokens so far; returns the user's new generation. Returns `None` if the password is another by
    /// now or the account is closed: then nothing happened.
    async fn change_password(&self, id: UserId, change: PasswordChange) -> Result<Option<u32>>;

    /// Ends all tokens so far; returns the user's new generation, or `None` if the account is closed.
    /// Repeating it at the same `now` is harmless.
    async fn end_sessions(&self, id: UserId, now: Timestamp) -> Result<Option<u32>>;

    /// Closes an account, provided that its password is still the one with this hash: the name is
    /// free at once, and all tokens end. Returns false if nothing happened. Repeating it at the same
    /// `now` is harmless.
    async fn close_account(&self, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool>;

    /// Up to `limit` users whose accounts were closed before `closed_before`, and whose messages may
    /// not all be erased yet.
    async fn to_be_erased(&self, closed_before: Timestamp, limit: usize) -> Result<Vec<UserId>>;

    /// Records that only the end of its tokens is left of a closed account; that is forgotten two days
    /// later.
    async fn erased(&self, id: UserId, now: Timestamp) -> Result<()>;
}

/// What became of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    Created,
    NameTaken,
    /// There is no such invite, or it is used up or over.
    InviteNotGood,
}

/// A new password instead of a known one, both as hashes in PHC form. No two hashes are equal, even
/// of one password, so a change is recognised when it is repeated.
#[derive(Clone)]
pub struct PasswordChange {
    pub from: String,
    pub to: String,
    pub now: Timestamp,
}
