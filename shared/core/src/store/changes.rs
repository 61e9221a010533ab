//! The port to what changed for users.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Message, Place, UserId};

/// What changed, read from the messages themselves: whatever changes what a user sees of a message
/// also sets its `updated_at`, so no change is missed.
///
/// Only the latest change of a message is seen. Times are those of the clocks of many machines, and
/// of when a change was decided, not stored: a change may turn up behind those that were read before.
#[async_trait]
pub trait Changes: Send + Sync {
    /// The user's messages that changed after a place, in order, at most `limit` of them, tombstones
    /// included. Their timelines are left out.
    async fn changed_after(
        &self,
        owner: UserId,
        place: Place,
        limit: usize,
    ) -> Result<Vec<Message>>;
}
