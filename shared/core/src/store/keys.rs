//! The port to the keys of programs.

use std::time::Duration;

use async_trait::async_trait;

use super::Result;
use crate::domain::{ApiKey, KeyId, Timestamp, UserId};

/// For how long it is known that there was a key, after it was ended or has expired.
pub const KEY_KEPT: Duration = Duration::from_hours(30 * 24);

/// The keys that users gave to their programs.
///
/// A key that was ended is not found any more. One that has expired is, until it is forgotten.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Stores a key, unless its owner has [`MOST_KEYS`](crate::domain::MOST_KEYS), however many are made
    /// at once. Repeating it is harmless.
    async fn create_key(&self, key: &ApiKey) -> Result<Created>;

    /// Finds a key, counting everything that was acknowledged to anybody.
    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>>;

    /// All keys of a user, the newest first.
    async fn keys_of(&self, owner: UserId) -> Result<Vec<ApiKey>>;

    /// Ends a key for good. Returns false if the user never had it, or if that is forgotten by now.
    /// Repeating it is harmless.
    async fn end_key(&self, owner: UserId, id: &KeyId, now: Timestamp) -> Result<bool>;

    /// Ends all keys of a user for good. Repeating it is harmless.
    async fn end_keys(&self, owner: UserId, now: Timestamp) -> Result<()>;

    /// Notes that a key was used, unless a later use is noted.
    async fn note_use(&self, id: &KeyId, at: Timestamp) -> Result<()>;

    /// Forgets all keys that a user has or had.
    async fn forget_keys(&self, owner: UserId) -> Result<()>;
}

/// What became of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    Done,
    /// Its owner has as many as may be.
    TooMany,
}
