//! The port to the users.

use async_trait::async_trait;

use super::Result;
use crate::domain::{NewUser, User, UserId, Username};

/// The users who may send.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Creates a user. Of two that race for one name (ignoring case) exactly one is created.
    /// Repeating it with the same id is harmless.
    async fn sign_up(&self, user: NewUser) -> Result<SignUp>;

    /// Finds a user by name, ignoring case.
    async fn by_name(&self, username: &Username) -> Result<Option<User>>;

    async fn by_id(&self, id: UserId) -> Result<Option<User>>;
}

/// What became of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    Created,
    NameTaken,
}
