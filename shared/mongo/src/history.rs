use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mysms_core::domain::{Direction, Message, MessageId, UserId};
use mysms_core::store::{History, Order, Page, Part, Result};

use super::Mongo;
use super::document::stored;
use super::filter::{all_of, of_owner};
use super::index::Index;

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
