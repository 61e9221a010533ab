//! The port through which users see and withdraw their messages.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Message, MessageId, Timestamp, UserId};

/// A user's own messages. No method ever shows or changes another user's, or a deleted one.
#[async_trait]
pub trait History: Send + Sync {
    /// One message with its timeline.
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>>;

    /// A page of messages in the order in which they were sent. Their timelines are left out.
    async fn page(&self, owner: UserId, page: Page) -> Result<Vec<Message>>;

    /// Takes a queued message back; it stays in the history.
    async fn cancel(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Cancel>;

    /// Deletes a message: it is gone for its user at once, and one still queued is never sent.
    /// False if there is none.
    async fn delete(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<bool>;

    /// Deletes all messages of a user; tells how many.
    async fn delete_all(&self, owner: UserId, now: Timestamp) -> Result<u64>;
}

/// Which part of a history to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub order: Order,
    /// The last id already seen.
    pub after: Option<MessageId>,
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// What became of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancel {
    /// It is `canceled`, now or since an earlier request.
    Canceled(Box<Message>),
    /// A worker has claimed it: it is too late.
    TooLate,
    /// The user has no such message.
    NotFound,
}
