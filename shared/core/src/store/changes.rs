//! The port to what changed for users.

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::domain::{Message, MessageId, Timestamp, UserId};

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

/// A place in the order in which a user's messages changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub at: Timestamp,
    pub id: MessageId,
}

impl Place {
    /// Before all changes at this time.
    pub fn before(at: Timestamp) -> Self {
        let id = MessageId::from_uuid(Uuid::nil());
        Self { at, id }
    }

    /// After the latest change of this message.
    pub fn of(message: &Message) -> Self {
        Self {
            at: message.updated_at,
            id: message.id,
        }
    }
}
