use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mysms_core::domain::{Direction, Message, MessageId, UserId};
use mysms_core::store::{History, Lead, Order, Page, Part, Result, SEARCHED, Ways};

use super::Mongo;
use super::document::stored;
use super::filter::of_owner;
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
        let page = &page;
        let lead = page.lead(|lead| self.how_many(owner, page, lead)).await?;
        page.fill(|after, limit| async move {
            let find = self
                .db
                .messages
                .find(stretch(owner, page, lead, after))
                .sort(doc! { "_id": direction })
                .hint(index(lead).hint())
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .batch_size(u32::try_from(limit).unwrap_or(u32::MAX))
                .projection(doc! { "timeline": 0 });
            self.db.all(find).await
        })
        .await
    }
}

impl Mongo {
    /// How many messages from the beginning of a page on meet a condition, as its index tells, up to as
    /// many as are looked through.
    async fn how_many(&self, owner: UserId, page: &Page, lead: Lead<'_>) -> Result<u64> {
        let found = found_by(owner, page, lead, page.after);
        let count = self.db.messages.count_documents(found);
        let count = count.hint(index(lead).hint()).limit(SEARCHED as u64);
        self.db.read(count).await
    }
}

fn index(lead: Lead<'_>) -> Index {
    match lead {
        Lead::Owner => Index::History,
        Lead::Counterpart(_) => Index::Counterpart,
        Lead::Reference(_) => Index::References,
        Lead::Tag(_) => Index::Tags,
    }
}

/// The messages of a page that come after one, as far as they can be told without looking through many.
fn stretch(owner: UserId, page: &Page, lead: Lead<'_>, after: Option<MessageId>) -> Document {
    let mut filter = found_by(owner, page, lead, after);
    filter.insert("visible", true);
    if page.filter.ways == Ways::Sent {
        filter.insert("direction", Direction::Outbound.as_str());
    }
    filter
}

/// What the index of a condition tells by itself.
fn found_by(owner: UserId, page: &Page, lead: Lead<'_>, after: Option<MessageId>) -> Document {
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
    let mut filter = doc! { "owner": stored(owner.as_uuid()) };
    match lead {
        Lead::Owner => _ = filter.insert("visible", true),
        Lead::Counterpart(number) => {
            filter.insert("visible", true);
            filter.insert("counterpart", number.as_str());
        }
        Lead::Reference(reference) => _ = filter.insert("reference", reference.as_str()),
        Lead::Tag(tag) => _ = filter.insert("tags", tag.as_str()),
    }
    if !bounds.is_empty() {
        filter.insert("$and", bounds);
    }
    filter
}
