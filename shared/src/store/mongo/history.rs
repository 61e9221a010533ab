use async_trait::async_trait;
use mongodb::bson::{Document, doc};

use super::document::stored;
use super::index::Index;
use super::statement::{self, among, of_owner};
use super::{Mongo, STORE, answer};
use crate::domain::{Direction, Message, MessageId, Status, Timestamp, UserId};
use crate::store::{Cancel, History, Order, Page, Part, Result, StoreError};

/// Messages deleted by one statement, so that none takes longer than its caller can wait.
const DELETE_BATCH: usize = 500;

#[async_trait]
impl History for Mongo {
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        self.db.first(of_owner(owner, id)).await
    }

    async fn page(&self, owner: UserId, page: Page) -> Result<Part> {
        let direction = match page.order {
            Order::OldestFirst => 1,
            Order::NewestFirst => -1,
        };
        let index = match page.filter.counterpart {
            Some(_) => Index::Conversation,
            None => Index::History,
        };
        let page = &page;
        page.fill(|after, limit| async move {
            let find = self
                .db
                .messages
                .find(stretch(owner, page, after))
                .sort(doc! { "_id": direction })
                .hint(index.hint())
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .batch_size(u32::try_from(limit).unwrap_or(u32::MAX))
                .projection(doc! { "timeline": 0 });
            self.db.all(find).await
        })
        .await
    }

    async fn cancel(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Cancel> {
        if let Some(message) = self.db.changed(statement::cancel(owner, id, now)).await? {
            return Ok(Cancel::Canceled(Box::new(message)));
        }
        Ok(match self.find(owner, id).await? {
            None => Cancel::NotFound,
            Some(message) if message.status == Status::Canceled => {
                Cancel::Canceled(Box::new(message))
            }
            Some(_) => Cancel::TooLate,
        })
    }

    async fn delete(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<bool> {
        let delete = statement::delete(of_owner(owner, id), now);
        if self.db.change(delete).await? {
            return Ok(true);
        }
        let left = self.db.surely_one(&self.db.messages, of_owner(owner, id));
        match left.await? {
            None => Ok(false),
            Some(_) => Err(StoreError::unavailable(STORE, "another primary has it")),
        }
    }

    async fn delete_all(&self, owner: UserId, now: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let ids = self
                .db
                .ids(all_of(owner), Index::History, DELETE_BATCH)
                .await?;
            if !ids.is_empty() {
                let mut batch = all_of(owner);
                batch.insert("_id", among(&ids));
                let delete = statement::delete(batch, now);
                let update = self.db.messages.update_many(delete.filter, delete.update);
                deleted += answer(update).await?.matched_count;
            }
            if ids.len() < DELETE_BATCH {
                // That there is no more is for a primary to say that a majority follows.
                self.db.no_other_knows_more().await?;
                return Ok(deleted);
            }
        }
    }
}

/// What an index can tell of the messages of a page that come after one.
fn stretch(owner: UserId, page: &Page, after: Option<MessageId>) -> Document {
    let beyond = match page.order {
        Order::OldestFirst => "$gt",
        Order::NewestFirst => "$lt",
    };
    let mut bounds = Vec::new();
    let ends = [
        (beyond, after),
        ("$gte", page.filter.first_id()),
        ("$lt", page.filter.end_id()),
    ];
    for (operator, id) in ends {
        if let Some(id) = id {
            bounds.push(doc! { "_id": { operator: stored(id.as_uuid()) } });
        }
    }
    let mut filter = all_of(owner);
    if !page.filter.received {
        filter.insert("direction", Direction::Outbound.as_str());
    }
    if let Some(counterpart) = &page.filter.counterpart {
        filter.insert("counterpart", counterpart.as_str());
    }
    if !bounds.is_empty() {
        filter.insert("$and", bounds);
    }
    filter
}

pub(super) fn all_of(owner: UserId) -> Document {
    doc! { "owner": stored(owner.as_uuid()), "visible": true }
}
