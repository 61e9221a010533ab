//! A place in the order in which a user's messages changed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Message, MessageId, Timestamp};

/// A place in the order in which a user's messages changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
