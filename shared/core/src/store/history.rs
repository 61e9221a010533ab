//! The port through which users see their messages.

use async_trait::async_trait;

use super::{Filter, Lead, Result};
use crate::domain::{Message, MessageId, UserId};

/// The most messages that are looked through for one part of a history.
pub const SEARCHED: usize = 2000;

/// Messages that are read at a time while they are looked through.
const STRETCH: usize = 500;

/// A user's own messages. No method ever shows another user's, or a deleted one.
#[async_trait]
pub trait History: Send + Sync {
    /// One message with its timeline.
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>>;

    /// The next messages that pass the filter, in the order in which they were sent. Their timelines
    /// are left out. At most [`SEARCHED`] messages are looked through, so there may be fewer than
    /// asked for, or none, although there are more.
    async fn page(&self, owner: UserId, page: Page) -> Result<Part>;
}

/// Which part of a history to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub order: Order,
    /// The last id already seen.
    pub after: Option<MessageId>,
    pub limit: usize,
    pub filter: Filter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// A part of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub messages: Vec<Message>,
    /// Where the search stopped, if neither at its limit nor at the end: the next part begins after
    /// this message.
    pub searched_to: Option<MessageId>,
}

impl Page {
    /// What the page is found by: of several conditions the one that the fewest messages meet, of which
    /// `count` tells how many do; it need not count further than to [`SEARCHED`].
    pub async fn lead<'a, F>(&'a self, count: impl Fn(Lead<'a>) -> F) -> Result<Lead<'a>>
    where
        F: Future<Output = Result<u64>>,
    {
        let leads = self.filter.leads();
        let mut fewest = (leads[0], u64::MAX);
        for lead in leads.iter().filter(|_| leads.len() > 1) {
            let found = count(*lead).await?;
            if found < fewest.1 {
                fewest = (*lead, found);
            }
        }
        Ok(fewest.0)
    }

    /// Fills the page from `read`, which reads some messages after the one it is given, in order,
    /// by the conditions that an index has; the others are checked here.
    pub async fn fill<F>(&self, read: impl Fn(Option<MessageId>, usize) -> F) -> Result<Part>
    where
        F: Future<Output = Result<Vec<Message>>>,
    {
        let mut messages = Vec::new();
        let mut after = self.after;
        let mut searched = 0;
        while messages.len() < self.limit {
            if searched >= SEARCHED {
                return Ok(Part {
                    messages,
                    searched_to: after,
                });
            }
            // Most of the messages may pass.
            let size = match searched {
                _ if !self.filter.needs_search() => self.limit,
                0 => self.limit.min(STRETCH),
                _ => STRETCH.min(SEARCHED - searched),
            };
            let stretch = read(after, size).await?;
            let is_last = stretch.len() < size;
            searched += stretch.len();
            after = stretch.last().map(|message| message.id).or(after);
            let passing = stretch
                .into_iter()
                .filter(|message| self.filter.passes(message));
            messages.extend(passing.take(self.limit - messages.len()));
            if is_last {
                break;
            }
        }
        Ok(Part {
            messages,
            searched_to: None,
        })
    }
}
