use async_trait::async_trait;
use sqlx::{QueryBuilder, Row, Sqlite as Driver};

use super::{Sqlite, row, unavailable};
use crate::domain::{Message, MessageId, Status, Timestamp, UserId};
use crate::store::{Cancel, History, Order, Page, Part, Result};

/// Messages deleted in one transaction, so that other writers get their turn.
const DELETE_BATCH: i64 = 500;

/// The columns of a user's list, which shows no timelines.
pub(super) const LIST: &str = "SELECT id, owner, account, direction, sender, unread, recipient, body, counterpart, sent_at, \
    send_at, version, updated_at, expires_at, status, not_before, wake_at, lease_token, lease_until, \
    attempts, first_attempt_at, last_claim_at, unseen, provider_sid, provider_at, \
    provider_adopted, polls, error_code, delivered_at, idempotency_key, body_hash, retry_of, \
    visible, deleted_at FROM messages WHERE owner = ";

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

    async fn cancel(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Cancel> {
        let mut transaction = self.begin().await?;
        let found = row::load(&mut transaction, id).await?;
        let Some(mut message) = found.filter(|found| found.owner == owner && found.visible) else {
            transaction.commit().await?;
            return Ok(Cancel::NotFound);
        };
        if message.cancel(now) {
            row::save(&mut transaction, &message).await?;
        }
        transaction.commit().await?;
        Ok(match message.status {
            Status::Canceled => Cancel::Canceled(Box::new(message)),
            _ => Cancel::TooLate,
        })
    }

    async fn delete(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<bool> {
        let deleted = self.change(id, move |message| {
            message.owner == owner && message.delete(now)
        });
        let deleted = deleted.await?.is_some();
        if deleted {
            self.note_erasure();
        }
        Ok(deleted)
    }

    async fn delete_all(&self, owner: UserId, now: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let mut transaction = self.begin().await?;
            let rows = sqlx::query(
                "SELECT id FROM messages WHERE owner = ? AND visible = 1 ORDER BY id LIMIT ?",
            )
            .bind(owner.as_uuid())
            .bind(DELETE_BATCH)
            .fetch_all(&mut *transaction)
            .await
            .map_err(unavailable)?;
            if rows.is_empty() {
                transaction.commit().await?;
                if deleted > 0 {
                    self.note_erasure();
                    self.forget_erased().await;
                }
                return Ok(deleted);
            }
            for found in rows {
                let id = MessageId::from_uuid(found.get(0));
                if let Some(mut message) = row::load(&mut transaction, id).await? {
                    message.delete(now);
                    row::save(&mut transaction, &message).await?;
                    deleted += 1;
                }
            }
            transaction.commit().await?;
        }
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
    let mut query = QueryBuilder::new(LIST);
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
