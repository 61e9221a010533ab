use async_trait::async_trait;
use mysms_core::domain::{MessageId, Timestamp};
use mysms_core::store::{Ends, Overdue, Result, Upkeep};
use sqlx::Row;

use super::{Sqlite, schema, unavailable};

#[async_trait]
impl Upkeep for Sqlite {
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>> {
        let Ends {
            status,
            rung_by,
            expired_by,
        } = overdue.ends();
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
                 (SELECT id FROM messages WHERE deleted_at < ? AND status <> 'sending' AND erase_at IS NULL LIMIT ?)",
        )
        .bind(deleted_before.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let purged = self.write(statement).await?;
        self.empty_log_if_erased().await;
        Ok(purged)
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

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use mysms_core::store::Upkeep;
    use tokio::time::Instant;

    /// A page in the log, with its header.
    const FRAME: u64 = 4096 + 24;

    #[tokio::test]
    async fn any_number_of_questions_costs_one_write_a_second() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let store = Sqlite::open(&path).await.unwrap();
        let log = || {
            let log = std::fs::metadata(directory.path().join("ledger.db-wal"));
            log.unwrap().len()
        };
        let (before, began) = (log(), Instant::now());
        let answers = join_all((0..1000).map(|_| store.ping())).await;
        assert!(answers.iter().all(Result::is_ok));
        let written = (log() - before) / FRAME;
        assert!(written > 0, "nothing but a write tells");
        let most = began.elapsed().as_secs() + 1;
        assert!(written <= most, "{written} writes");
    }
}
