//! The port to who is when on which line.

use std::time::Duration;

use async_trait::async_trait;

use super::Result;
use crate::domain::{Class, LineId, Timestamp, Turn, UserId, Weight};

/// The most users of a queue that [`Turns::queue`] tells of.
pub const LISTED_USERS: usize = 1000;

/// For how long the end of a user's turns is remembered after it moved last. What waits that long has
/// expired.
pub const ENDS_KEPT: Duration = Duration::from_hours(40 * 24);

/// Counts what enters and leaves the queues of lines, and how far each user's texts reach.
///
/// These are hints: which text is sent, and that it is sent once, does not depend on them. What is lost of
/// them or counted twice moves a turn, or an estimate, by that text.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Counts segments that enter a queue; returns how the queue was before.
    async fn enter(&self, queue: &QueueId, segments: u64) -> Result<QueueStanding>;

    /// Moves the end of a user's turns by `length`, beginning at `from` at the earliest; returns where the
    /// new ones begin. It is forgotten [`ENDS_KEPT`] after the latest move, or later.
    async fn move_end(&self, queue: &QueueId, mover: &Mover, now: Timestamp) -> Result<Turn>;

    /// Counts segments that have left a queue, the last of them with this turn.
    async fn leave(&self, queue: &QueueId, segments: u64, turn: Option<Turn>) -> Result<()>;

    /// Moves the end of a user's turns back by segments that will not be sent.
    async fn give_back(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()>;

    /// Does both for segments of a user that will not be sent.
    async fn withdraw(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()> {
        self.leave(queue, segments, None).await?;
        self.give_back(queue, user, segments).await
    }

    /// Takes note that nothing waits in a queue into which no more than `entered` segments had come.
    async fn emptied(&self, queue: &QueueId, entered: u64) -> Result<()>;

    /// How a queue is, and whose turns reach beyond its virtual time, at most [`LISTED_USERS`].
    async fn queue(&self, queue: &QueueId) -> Result<(QueueStanding, Vec<Reach>)>;
}

/// The texts of one class on a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QueueId {
    pub line: LineId,
    pub class: Class,
}

/// How a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueStanding {
    /// The turn of what left last: nobody's turn begins before it.
    pub virtual_time: Turn,
    /// The segments that have ever entered it, and those that left it.
    pub entered: u64,
    pub left: u64,
}

impl QueueStanding {
    /// The segments that wait.
    pub fn waiting(&self) -> u64 {
        self.entered.saturating_sub(self.left)
    }
}

/// By how much the end of a user's turns moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mover {
    pub user: UserId,
    pub weight: Weight,
    pub segments: u64,
    /// The new turns do not begin before this.
    pub from: Turn,
}

/// How far a user's turns reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub user: UserId,
    pub end: Turn,
    pub weight: Weight,
}
