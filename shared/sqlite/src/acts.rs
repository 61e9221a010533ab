use async_trait::async_trait;
use mysms_core::domain::{Act, ActId, Timestamp};
use mysms_core::store::{Acts, Result, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, unavailable};

#[async_trait]
impl Acts for Sqlite {
    async fn record(&self, act: &Act) -> Result<()> {
        let statement = sqlx::query(
            "INSERT INTO acts (id, at, by, command, about) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(act.id.as_uuid())
        .bind(act.at.as_millis())
        .bind(act.by.clone())
        .bind(act.command.clone())
        .bind(act.about.clone());
        self.write(statement).await?;
        Ok(())
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>> {
        let rows = sqlx::query("SELECT * FROM acts ORDER BY id DESC LIMIT ?")
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        rows.iter().map(act).collect()
    }
}

fn act(row: &SqliteRow) -> Result<Act> {
    let corrupt = |error| StoreError::corrupt("an operator's act", error);
    Ok(Act {
        id: ActId::from_uuid(row.try_get("id").map_err(corrupt)?),
        at: row
            .try_get("at")
            .map(Timestamp::from_millis)
            .map_err(corrupt)?,
        by: row.try_get("by").map_err(corrupt)?,
        command: row.try_get("command").map_err(corrupt)?,
        about: row.try_get("about").map_err(corrupt)?,
    })
}
