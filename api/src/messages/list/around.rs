//! A page of a conversation with a message in the middle.

use axum::response::Response;
use http::HeaderMap;
use mysms_core::domain::{Address, Message, MessageId};
use mysms_core::store::{Excerpt, Order};

use super::encoder::Encoder;
use super::{Format, List, NextPage, answer};
use crate::error::ApiError;
use crate::state::AppState;

/// Messages on such a page, unless its `limit` says otherwise.
const PAGE: usize = 50;

impl List<'_> {
    /// Answers with what was exchanged with `with` before and after a message, and the message itself.
    pub(crate) async fn around(
        self,
        (with, id): (Address, MessageId),
        state: &AppState,
        format: Format,
        headers: &HeaderMap,
    ) -> Result<Response, ApiError> {
        let _turn = state.reads.turn(self.reader).await;
        let find = state.stores.history.find(self.owner, id);
        let found = state.store_timeout.once(find).await?;
        let is_there = |message: &Message| message.counterpart.as_ref() == Some(&with);
        let middle = found.filter(is_there).ok_or(ApiError::NotFound)?;
        let limit = self.place.limit.unwrap_or(PAGE);
        let page = self.surroundings(state, with, middle, limit).await?;
        let forth = format!("order={}&limit={limit}", name(self.place.order));
        let back = format!("order={}&limit={limit}", name(opposite(self.place.order)));
        let first = page.messages.first().filter(|_| page.more_before);
        let last = page.messages.last().filter(|_| page.more_after);
        let next = last.and_then(|last| NextPage::after(last.position(), &forth));
        let previous = first.and_then(|first| NextPage::before(first.position(), &back));
        let written = Encoder::new(format, state.glossary()).write_all(&page.messages);
        let written = written.map_err(ApiError::Internal)?;
        let written = state.unread.keep(self.reader, written)?;
        Ok(answer(
            written,
            next.into_iter().chain(previous),
            format,
            headers,
        ))
    }

    async fn surroundings(
        &self,
        state: &AppState,
        with: Address,
        middle: Message,
        limit: usize,
    ) -> Result<Surroundings, ApiError> {
        let order = self.place.order;
        let side = |order| Excerpt {
            counterpart: with.clone(),
            order,
            after: Some(middle.position()),
            // One more than there is room for tells whether there is another page.
            limit,
        };
        let (after, before) = (side(order), side(opposite(order)));
        let read = async {
            let conversations = &state.stores.conversations;
            tokio::try_join!(
                conversations.exchanged(self.owner, &before),
                conversations.exchanged(self.owner, &after),
            )
        };
        let (before, after) = state.store_timeout.once(read).await?;
        Ok(Surroundings::of(before, middle, after, limit))
    }
}

/// A page in its order.
struct Surroundings {
    messages: Vec<Message>,
    more_before: bool,
    more_after: bool,
}

impl Surroundings {
    /// Puts as many on each side of a message, or more on one if the other has less. What comes `before` it
    /// begins with the nearest one.
    fn of(
        mut before: Vec<Message>,
        middle: Message,
        mut after: Vec<Message>,
        limit: usize,
    ) -> Self {
        let room = limit.saturating_sub(1);
        let shown_before = (room / 2).max(room.saturating_sub(after.len()));
        let shown_before = shown_before.min(before.len());
        let shown_after = (room - shown_before).min(after.len());
        let (more_before, more_after) = (before.len() > shown_before, after.len() > shown_after);
        before.truncate(shown_before);
        after.truncate(shown_after);
        let messages = before.into_iter().rev().chain([middle]).chain(after);
        Self {
            messages: messages.collect(),
            more_before,
            more_after,
        }
    }
}

const fn opposite(order: Order) -> Order {
    match order {
        Order::OldestFirst => Order::NewestFirst,
        Order::NewestFirst => Order::OldestFirst,
    }
}

/// As it is written in a query.
const fn name(order: Order) -> &'static str {
    match order {
        Order::OldestFirst => "asc",
        Order::NewestFirst => "desc",
    }
}
