use async_trait::async_trait;
use mysms_core::domain::{Message, MessageId, UserId};
use mysms_core::store::{History, Order, Page, Part, Result};
use sqlx::{QueryBuilder, Sqlite as Driver};

use super::{Sqlite, row, unavailable};

#[async_trait]
impl History for Sqlite {
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let found =
            sqlx::query("SELECT * FROM messages WHERE id = ? AND owner = ? AND visible = 1")
                .bind(id.as_uuid())
                .bind(owner.as_uuid())
                .fetch_optional(&self.readers)
                .await
                .map_err(unavailable)?;
        found.as_ref().map(row::message).transpose()
    }

    async fn page(&self, owner: UserId, page: Page) -> Result<Part> {
        let page = &page;
        page.fill(|after, limit| async move {
            let rows = stretch(owner, page, after, limit)
                .build()
                .fetch_all(&self.readers)
                .await
                .map_err(unavailable)?;
            rows.iter().map(row::message).collect()
        })
        .await
    }
}

/// Reads what an index can tell of the messages of a page that come after one.
fn stretch(
    owner: UserId,
    page: &Page,
    after: Option<MessageId>,
    limit: usize,
) -> QueryBuilder<Driver> {
    let (beyond, order) = match page.order {
        Order::OldestFirst => (" AND id > ", " ORDER BY id LIMIT "),
        Order::NewestFirst => (" AND id < ", " ORDER BY id DESC LIMIT "),
    };
    let mut query = QueryBuilder::new(row::LIST.as_str());
    query.push_bind(owner.as_uuid());
    query.push(" AND visible = 1");
    if !page.filter.received {
        query.push(" AND direction = 'outbound'");
    }
    if let Some(counterpart) = &page.filter.counterpart {
        query.push(" AND counterpart = ");
        query.push_bind(counterpart.as_str().to_owned());
    }
    let ends = [
        (beyond, after),
        (" AND id >= ", page.filter.first_id()),
        (" AND id < ", page.filter.end_id()),
    ];
    for (condition, id) in ends {
        if let Some(id) = id {
            query.push(condition);
            query.push_bind(id.as_uuid());
        }
    }
    query.push(order);
    query.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query
}
