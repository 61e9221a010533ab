//! Reading what a list is made of, part by part.

use mysms_core::domain::{Address, Message, MessageId, UserId};
use mysms_core::store::{Excerpt, Filter, Order, Page, Part, StoreError};

use crate::state::AppState;

/// What a list is made of.
#[derive(Clone)]
pub(crate) enum Source {
    /// Messages in the order of their ids.
    History(Filter),
    /// What was exchanged with one counterpart, in the order of the positions.
    Conversation(Address),
}

impl Source {
    /// What the page after a message begins behind.
    pub(super) fn cursor_of(&self, message: &Message) -> MessageId {
        match self {
            Self::History(_) => message.id,
            Self::Conversation(_) => MessageId::from_uuid(message.position().as_uuid()),
        }
    }

    fn needs_search(&self) -> bool {
        matches!(self, Self::History(filter) if filter.needs_search())
    }
}

/// Reads a history part by part.
pub(super) struct Reader {
    pub(super) state: AppState,
    pub(super) owner: UserId,
    /// Who reads it.
    pub(super) by: UserId,
    pub(super) order: Order,
    pub(super) source: Source,
    /// The [cursor](Source::cursor_of) of the last one that was read.
    pub(super) after: Option<MessageId>,
}

impl Reader {
    pub(super) async fn next(&mut self, limit: usize) -> Result<Part, StoreError> {
        // Looking through a history takes the store long: one look at a time for each user.
        let _search = if self.source.needs_search() {
            Some(self.state.searches.turn(self.by).await)
        } else {
            None
        };
        let _turn = self.state.reads.turn(self.by).await;
        let part = self.state.store_timeout.once(self.read(limit)).await?;
        let last = part.messages.last();
        let last = last.map(|message| self.source.cursor_of(message));
        self.after = part.searched_to.or(last).or(self.after);
        Ok(part)
    }

    async fn read(&self, limit: usize) -> Result<Part, StoreError> {
        let (stores, order) = (&self.state.stores, self.order);
        match self.source.clone() {
            Source::History(filter) => {
                let page = Page {
                    order,
                    after: self.after,
                    limit,
                    filter,
                };
                stores.history.page(self.owner, page).await
            }
            Source::Conversation(counterpart) => {
                let excerpt = Excerpt {
                    counterpart,
                    order,
                    after: self.after.map(Into::into),
                    limit,
                };
                let messages = stores.conversations.exchanged(self.owner, &excerpt).await?;
                let searched_to = None;
                Ok(Part {
                    messages,
                    searched_to,
                })
            }
        }
    }
}
