//! The port through which texts are received, and users see what they exchanged with whom.

use async_trait::async_trait;

use super::{Order, Result};
use crate::domain::{Address, Inbound, Message, NumberPart, Position, UserId};

/// What users exchange with whom.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Stores what was received, once for each SID: for the user who [holds](crate::domain::Receiver) the
    /// conversation of its author with the number that received it, or for [nobody](UserId::NOBODY).
    async fn receive(&self, inbound: &Inbound) -> Result<Received>;

    /// A user's conversations, the one whose last message has the highest [position](Message::position)
    /// first. Costs as much as the user has counterparts.
    async fn conversations(&self, owner: UserId, wanted: &Overview) -> Result<Vec<Conversation>>;

    /// Where the last message of each of these conversations of a user stands; those that there are not are left
    /// out. Costs as much as there are counterparts given.
    async fn last_positions(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<Vec<(Address, Position)>>;

    /// The counterparts of all conversations of a user that something is to be done about, each once, in no
    /// particular order.
    async fn counterparts(&self, owner: UserId, with: &With) -> Result<Vec<Address>>;

    /// What a user exchanged with one counterpart, either way, in the order of the
    /// [positions](Message::position). The timelines are left out.
    async fn exchanged(&self, owner: UserId, wanted: &Excerpt) -> Result<Vec<Message>>;
}

/// Which conversations to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Only those whose last message stands before this.
    pub before: Option<Position>,
    /// Only those with a counterpart that has this in its number.
    pub number: Option<NumberPart>,
    pub among: Among,
    pub limit: usize,
}

/// Which counterparts are listed, beside whatever else is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Among {
    #[default]
    All,
    Only(Vec<Address>),
    Except(Vec<Address>),
}

/// What there is about a conversation that somebody may have to do something about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// Messages that the user has not seen. Costs as much as there are of them.
    Unread,
    /// Of all that the user sent there, what stands last failed, or was not delivered. Costs as much as the user
    /// has counterparts, and was received since.
    Failed,
    /// Messages that are queued. Costs no more than the user has queued.
    Queued,
}

impl Among {
    pub fn includes(&self, counterpart: &Address) -> bool {
        match self {
            Self::All => true,
            Self::Only(listed) => listed.contains(counterpart),
            Self::Except(listed) => !listed.contains(counterpart),
        }
    }
}

/// Which part of a conversation to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    pub counterpart: Address,
    pub order: Order,
    /// Only what comes after this in the order.
    pub after: Option<Position>,
    pub limit: usize,
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
    /// The message either way that has the highest position, without its timeline.
    pub last: Message,
    /// Messages that the user has not seen.
    pub unread: u64,
}
