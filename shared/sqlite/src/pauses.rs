use async_trait::async_trait;
use mysms_core::domain::{LeaseToken, Timestamp};
use mysms_core::store::{Pause, Pauses, Result, SenderKey, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, unavailable};

#[async_trait]
impl Pauses for Sqlite {
    async fn pause(&self, pause: Pause) -> Result<()> {
        let statement = sqlx::query(
            "INSERT INTO senders (sender, code, reason, since, probe_at, failures)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (sender) DO UPDATE SET code = excluded.code, reason = excluded.reason,
                 probe_at = excluded.probe_at, failures = excluded.failures, probe_token = NULL,
                 probing_until = NULL",
        )
        .bind(pause.sender.to_string())
        .bind(pause.code)
        .bind(pause.reason)
        .bind(pause.since.as_millis())
        .bind(pause.probe_at.as_millis())
        .bind(pause.failures);
        self.write(statement).await?;
        Ok(())
    }

    async fn find(&self, sender: &SenderKey) -> Result<Option<Pause>> {
        let found = sqlx::query("SELECT * FROM senders WHERE sender = ?")
            .bind(sender.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        found.as_ref().map(pause).transpose()
    }

    async fn paused(&self) -> Result<Vec<Pause>> {
        let rows = sqlx::query("SELECT * FROM senders ORDER BY since")
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        rows.iter().map(pause).collect()
    }

    async fn take_probe(
        &self,
        sender: &SenderKey,
        token: LeaseToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let statement = sqlx::query(
            "UPDATE senders SET probe_token = ?1, probing_until = ?2
             WHERE sender = ?3 AND (probe_token = ?1
                 OR (probe_at <= ?4 AND (probing_until IS NULL OR probing_until <= ?4)))",
        )
        .bind(token.as_uuid())
        .bind(until.as_millis())
        .bind(sender.to_string())
        .bind(now.as_millis());
        let won = self.write(statement).await?;
        Ok(won == 1)
    }

    async fn resume(&self, sender: &SenderKey) -> Result<()> {
        let statement =
            sqlx::query("DELETE FROM senders WHERE sender = ?").bind(sender.to_string());
        self.write(statement).await?;
        Ok(())
    }
}

fn pause(row: &SqliteRow) -> Result<Pause> {
    let corrupt = |error| StoreError::corrupt("a paused sender", error);
    let time = |column| {
        row.try_get(column)
            .map(Timestamp::from_millis)
            .map_err(corrupt)
    };
    Ok(Pause {
        sender: SenderKey::from_stored(row.try_get("sender").map_err(corrupt)?),
        code: row.try_get("code").map_err(corrupt)?,
        reason: row.try_get("reason").map_err(corrupt)?,
        since: time("since")?,
        probe_at: time("probe_at")?,
        failures: row.try_get("failures").map_err(corrupt)?,
        probing_until: row
            .try_get::<Option<i64>, _>("probing_until")
            .map_err(corrupt)?
            .map(Timestamp::from_millis),
    })
}
