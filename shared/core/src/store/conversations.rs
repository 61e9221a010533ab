//! The port through which texts are received, and users see what they exchanged with whom.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Address, Inbound, Message, MessageId, UserId};

/// What users exchange with whom. One conversation is read as a history of its
/// [`counterpart`](super::Filter::counterpart).
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Stores what was received, once for each SID: for the user who [holds](crate::domain::Receiver) the
    /// conversation of its author with the number that received it, or for [nobody](UserId::NOBODY).
    async fn receive(&self, inbound: &Inbound) -> Result<Received>;

    /// A user's conversations, the one with the newest message first: at most `limit` of those whose
    /// newest message is older than `before`. Costs as much as the user has counterparts.
    async fn conversations(
        &self,
        owner: UserId,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<Conversation>>;
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// As it was stored, the first time.
    pub message: Message,
    /// It had been stored before.
    pub known: bool,
}

/// What a user exchanged with one counterpart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub counterpart: Address,
    /// The newest message either way, without its timeline.
    pub last: Message,
    /// Messages that the user has not seen.
    pub unread: u64,
}
