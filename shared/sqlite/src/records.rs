use async_trait::async_trait;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Kind, Reading, Records, Result, StoreError, Stored, first_version};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::messages::at_most;
use super::{Sqlite, unavailable};

#[async_trait]
impl Records for Sqlite {
    /// One process has the file to itself, so its time is everybody's.
    async fn record(&self, kind: Kind, key: &str, now: Timestamp) -> Result<Reading> {
        let found =
            sqlx::query("SELECT key, version, value FROM records WHERE kind = ? AND key = ?")
                .bind(kind.as_str())
                .bind(key.to_owned())
                .fetch_optional(&self.deciders)
                .await
                .map_err(unavailable)?;
        Ok(Reading {
            record: found.as_ref().map(stored).transpose()?,
            at: now,
        })
    }

    async fn records(&self, kind: Kind) -> Result<Vec<Stored>> {
        let rows =
            sqlx::query("SELECT key, version, value FROM records WHERE kind = ? ORDER BY key")
                .bind(kind.as_str())
                .fetch_all(&self.readers)
                .await
                .map_err(unavailable)?;
        rows.iter().map(stored).collect()
    }

    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let rows = sqlx::query(
            "SELECT key, version, value FROM records
             WHERE kind = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?",
        )
        .bind(kind.as_str())
        .bind(prefix.to_owned())
        .bind(format!("{prefix}{}", char::MAX))
        .bind(after.unwrap_or_default().to_owned())
        .bind(at_most(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        rows.iter().map(stored).collect()
    }

    async fn replace(&self, kind: Kind, key: &str, seen: u64, after: Option<&str>) -> Result<bool> {
        let place = Place {
            kind: kind.as_str(),
            key: key.to_owned(),
            seen: i64::try_from(seen).unwrap_or(i64::MAX),
        };
        let after = after.map(str::to_owned);
        let change = self.group.change(move |connection| {
            Box::pin(async move {
                match (place.seen, after) {
                    (0, None) => place.check_empty(connection).await,
                    (0, Some(value)) => place.fill(connection, value).await,
                    (_, None) => place.clear(connection).await,
                    (_, Some(value)) => place.swap(connection, value).await,
                }
            })
        });
        change.await
    }
}

/// A record as somebody saw it.
struct Place {
    kind: &'static str,
    key: String,
    seen: i64,
}

impl Place {
    async fn check_empty(self, connection: &mut SqliteConnection) -> Result<bool> {
        let found: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM records WHERE kind = ? AND key = ?)")
                .bind(self.kind)
                .bind(self.key)
                .fetch_one(connection)
                .await
                .map_err(unavailable)?;
        Ok(!found)
    }

    async fn fill(self, connection: &mut SqliteConnection, value: String) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO records (kind, key, version, value) VALUES (?, ?, ?, ?)
             ON CONFLICT (kind, key) DO NOTHING",
        )
        .bind(self.kind)
        .bind(self.key)
        .bind(first_version().cast_signed())
        .bind(value)
        .execute(connection)
        .await
        .map_err(unavailable)?;
        Ok(done.rows_affected() == 1)
    }

    async fn clear(self, connection: &mut SqliteConnection) -> Result<bool> {
        let done = sqlx::query("DELETE FROM records WHERE kind = ? AND key = ? AND version = ?")
            .bind(self.kind)
            .bind(self.key)
            .bind(self.seen)
            .execute(connection)
            .await
            .map_err(unavailable)?;
        Ok(done.rows_affected() == 1)
    }

    async fn swap(self, connection: &mut SqliteConnection, value: String) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE records SET version = version + 1, value = ?
             WHERE kind = ? AND key = ? AND version = ?",
        )
        .bind(value)
        .bind(self.kind)
        .bind(self.key)
        .bind(self.seen)
        .execute(connection)
        .await
        .map_err(unavailable)?;
        Ok(done.rows_affected() == 1)
    }
}

fn stored(row: &SqliteRow) -> Result<Stored> {
    let corrupt = |error| StoreError::corrupt("a record", error);
    let version: i64 = row.try_get("version").map_err(corrupt)?;
    Ok(Stored {
        key: row.try_get("key").map_err(corrupt)?,
        version: version.unsigned_abs(),
        value: row.try_get("value").map_err(corrupt)?,
    })
}
