use async_trait::async_trait;
use mysms_core::domain::{EndpointId, MessageId, Telling, Timestamp};
use mysms_core::store::{Result, StoreError, Told};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use super::messages::at_most;
use super::{Sqlite, unavailable};

#[async_trait]
impl Told for Sqlite {
    async fn told(&self, endpoint: EndpointId, messages: &[MessageId]) -> Result<Vec<Telling>> {
        let mut query = QueryBuilder::new("SELECT * FROM told WHERE endpoint = ");
        query.push_bind(endpoint.as_uuid());
        query.push(" AND message IN (");
        let mut list = query.separated(", ");
        for message in messages {
            list.push_bind(message.as_uuid());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        rows.map_err(unavailable)?.iter().map(telling).collect()
    }

    /// All of them by one statement, so that they share the transaction of others.
    async fn note_told(
        &self,
        endpoint: EndpointId,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<()> {
        if tellings.is_empty() {
            return Ok(());
        }
        let tellings = tellings.to_vec();
        let change = self.group.change(move |connection| {
            Box::pin(async move {
                let mut query = QueryBuilder::new(
                    "INSERT INTO told
                         (endpoint, message, version, changed_at, steps, replays, told_at) ",
                );
                query.push_values(tellings, |mut row, telling| {
                    row.push_bind(endpoint.as_uuid());
                    row.push_bind(telling.message.as_uuid());
                    row.push_bind(telling.version);
                    row.push_bind(telling.changed_at.as_millis());
                    row.push_bind(telling.steps);
                    row.push_bind(telling.replays);
                    row.push_bind(now.as_millis());
                });
                query.push(
                    " ON CONFLICT (endpoint, message) DO UPDATE SET
                         version = MAX(version, excluded.version),
                         changed_at = MAX(changed_at, excluded.changed_at),
                         steps = MAX(steps, excluded.steps),
                         replays = MAX(replays, excluded.replays),
                         told_at = MAX(told_at, excluded.told_at)",
                );
                query
                    .build()
                    .execute(connection)
                    .await
                    .map_err(unavailable)?;
                Ok(())
            })
        });
        change.await
    }

    async fn forget_told(&self, endpoint: EndpointId, limit: usize) -> Result<u64> {
        let statement = sqlx::query(
            "DELETE FROM told WHERE endpoint = ?1 AND message IN
                 (SELECT message FROM told WHERE endpoint = ?1 LIMIT ?2)",
        )
        .bind(endpoint.as_uuid())
        .bind(at_most(limit));
        self.write(statement).await
    }

    async fn forget_told_before(&self, before: Timestamp, limit: usize) -> Result<u64> {
        let statement = sqlx::query(
            "DELETE FROM told WHERE (endpoint, message) IN
                 (SELECT endpoint, message FROM told WHERE told_at < ? LIMIT ?)",
        )
        .bind(before.as_millis())
        .bind(at_most(limit));
        self.write(statement).await
    }
}

fn telling(row: &SqliteRow) -> Result<Telling> {
    let corrupt = |error| StoreError::corrupt("what an endpoint was told", error);
    Ok(Telling {
        message: MessageId::from_uuid(row.try_get("message").map_err(corrupt)?),
        version: row.try_get("version").map_err(corrupt)?,
        changed_at: Timestamp::from_millis(row.try_get("changed_at").map_err(corrupt)?),
        steps: row.try_get("steps").map_err(corrupt)?,
        replays: row.try_get("replays").map_err(corrupt)?,
    })
}
