use async_trait::async_trait;
use sqlx::Row;
use uuid::Uuid;

use super::{Sqlite, row, schema, unavailable};
use crate::domain::{EXPIRY_MARGIN, MessageId, Status, Timestamp};
use crate::store::{Erased, Old, Overdue, Result, Upkeep};

#[async_trait]
impl Upkeep for Sqlite {
    async fn push_alarm(
        &self,
        id: MessageId,
        status: Status,
        wake_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let pushed = self.change(id, move |message| {
            let unchanged = message.status == status && message.wake_at == Some(wake_at);
            if unchanged {
                message.push_alarm(now);
            }
            unchanged
        });
        Ok(pushed.await?.is_some())
    }

    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>> {
        // An alarm is never later than what it rings for, so the index of the lanes serves here too.
        let (status, rung_by, expired_by) = match overdue {
            Overdue::Unsent { now } => (Status::Queued, now + EXPIRY_MARGIN, now + EXPIRY_MARGIN),
            Overdue::Doubtful {
                now,
                expired_before,
            } => (Status::Sending, now, expired_before),
        };
        let rows = sqlx::query(
            "SELECT id FROM messages
             WHERE account IN (SELECT DISTINCT account FROM messages WHERE wake_at IS NOT NULL)
               AND status = ? AND wake_at <= ? AND expires_at <= ? LIMIT ?",
        )
        .bind(status.as_str())
        .bind(rung_by.as_millis())
        .bind(expired_by.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        Ok(rows
            .iter()
            .map(|row| MessageId::from_uuid(row.get(0)))
            .collect())
    }

    async fn purge(&self, deleted_before: Timestamp, limit: usize) -> Result<u64> {
        let statement = sqlx::query(
            "DELETE FROM messages WHERE id IN
                 (SELECT id FROM messages WHERE deleted_at < ? AND status <> 'sending' LIMIT ?)",
        )
        .bind(deleted_before.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let purged = self.write(statement).await?;
        self.forget_erased().await;
        Ok(purged)
    }

    async fn erase_old(&self, old: Old, now: Timestamp) -> Result<Erased> {
        let mut transaction = self.begin().await?;
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM messages WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
        )
        .bind(old.after.as_uuid())
        .bind(MessageId::boundary(old.before).as_uuid())
        .bind(i64::try_from(old.limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let ids = ids.into_iter().map(MessageId::from_uuid);
        let (mut count, mut last) = (0, None);
        for id in ids {
            if let Some(mut message) = row::load(&mut transaction, id).await?
                && message.erase_if_old(old.before, now)
            {
                row::save(&mut transaction, &message).await?;
                count += 1;
            }
            last = Some(id);
        }
        transaction.commit().await?;
        if count > 0 {
            self.note_erasure();
        }
        Ok(Erased { count, last })
    }

    async fn open_accounts(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT DISTINCT account FROM messages WHERE wake_at IS NOT NULL")
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)
    }

    async fn time(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    async fn ping(&self) -> Result<()> {
        self.pulse.feel(self.write_something()).await
    }
}

impl Sqlite {
    /// Goes all the way of every change: a page is written to the log, and waits for the disk.
    async fn write_something(&self) -> Result<()> {
        let mut transaction = self.begin().await?;
        schema::write_version_again(&mut transaction).await?;
        transaction.commit().await
    }
}
