//! The port to what operators did.

use async_trait::async_trait;

use super::Result;
use crate::domain::Act;

/// What operators did by hand. Nothing changes or forgets it.
#[async_trait]
pub trait Acts: Send + Sync {
    /// Repeating it is harmless.
    async fn record(&self, act: &Act) -> Result<()>;

    /// The latest acts, at most `limit`, the newest first.
    async fn acts(&self, limit: u32) -> Result<Vec<Act>>;
}
