use async_trait::async_trait;
use sqlx::Row;

use super::{Sqlite, commit, row, unavailable};
use crate::domain::{IdempotencyKey, Message, MessageId, Restored};
use crate::store::{Failure, Failures, Operations, Result};

#[async_trait]
impl Operations for Sqlite {
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>> {
        let rows = sqlx::query(
            "SELECT * FROM messages
             WHERE id > ? AND id < ? AND visible = 1 AND status IN ('failed', 'undelivered')
             ORDER BY id LIMIT ?",
        )
        .bind(page.after.as_uuid())
        .bind(page.before.as_uuid())
        .bind(i64::try_from(page.limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let mut failures = Vec::new();
        for row in &rows {
            let message = row::message(row)?;
            let retried = self.was_retried(&message).await?;
            failures.push(Failure { message, retried });
        }
        Ok(failures)
    }

    async fn doubt(&self, restored: Restored, limit: usize) -> Result<u64> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query(
            "SELECT id FROM messages
             WHERE wake_at IS NOT NULL
               AND (status = 'queued' AND not_before <= ?
                    OR status = 'sending' AND last_claim_at < ?)
             LIMIT ?",
        )
        .bind(restored.until.as_millis())
        .bind(restored.now.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let mut count = 0;
        for found in found {
            let id = MessageId::from_uuid(found.get(0));
            if let Some(mut message) = row::load(&mut transaction, id).await?
                && message.doubt(restored)
            {
                row::save(&mut transaction, &message).await?;
                count += 1;
            }
        }
        commit(transaction).await?;
        Ok(count)
    }
}

impl Sqlite {
    async fn was_retried(&self, message: &Message) -> Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE owner = ? AND idempotency_key = ?)",
        )
        .bind(message.owner.as_uuid())
        .bind(IdempotencyKey::of_retry(message.id).as_str().to_owned())
        .fetch_one(&self.readers)
        .await
        .map_err(unavailable)
    }
}
