use async_trait::async_trait;
use bytes::Bytes;
use mysms_core::domain::{ContentType, Timestamp, Upload, UploadId, UploadSecret, UserId};
use mysms_core::store::{Hold, Result, StoreError, Uploads};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use super::messages::at_most;
use super::{Sqlite, unavailable};

#[async_trait]
impl Uploads for Sqlite {
    async fn uploaded(&self, owner: UserId) -> Result<u64> {
        let bytes: i64 =
            sqlx::query_scalar("SELECT IFNULL(SUM(size), 0) FROM uploads WHERE owner = ?")
                .bind(owner.as_uuid())
                .fetch_one(&self.readers)
                .await
                .map_err(unavailable)?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    async fn begin_upload(&self, upload: &Upload) -> Result<()> {
        let statement = sqlx::query(
            "INSERT INTO uploads
                 (id, owner, content_type, size, secret, kept_until, complete, held)
             VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (id) DO NOTHING",
        )
        .bind(upload.id.as_uuid())
        .bind(upload.owner.as_uuid())
        .bind(upload.content_type.as_str().to_owned())
        .bind(number(upload.size))
        .bind(upload.secret.as_str().to_owned())
        .bind(upload.kept_until.as_millis());
        self.write(statement).await.map(drop)
    }

    async fn add_part(&self, id: UploadId, index: u32, bytes: &[u8]) -> Result<()> {
        let statement = sqlx::query(
            "INSERT INTO upload_parts (upload, place, bytes) VALUES (?, ?, ?)
             ON CONFLICT (upload, place) DO NOTHING",
        )
        .bind(id.as_uuid())
        .bind(index)
        .bind(bytes.to_vec());
        self.write(statement).await.map(drop)
    }

    async fn complete_upload(
        &self,
        id: UploadId,
        size: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        let statement = sqlx::query(
            "UPDATE uploads SET complete = 1, size = ?, kept_until = MAX(kept_until, ?)
             WHERE id = ?",
        )
        .bind(number(size))
        .bind(kept_until.as_millis())
        .bind(id.as_uuid());
        Ok(self.write(statement).await? == 1)
    }

    async fn uploads(&self, ids: &[UploadId]) -> Result<Vec<Upload>> {
        let mut query = QueryBuilder::new("SELECT * FROM uploads WHERE complete AND id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.as_uuid());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        rows.map_err(unavailable)?.iter().map(known).collect()
    }

    async fn part(&self, id: UploadId, index: u32) -> Result<Option<Bytes>> {
        let found: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT bytes FROM upload_parts WHERE upload = ? AND place = ?")
                .bind(id.as_uuid())
                .bind(index)
                .fetch_optional(&self.readers)
                .await
                .map_err(unavailable)?;
        Ok(found.map(Bytes::from))
    }

    async fn hold_upload(&self, hold: &Hold) -> Result<bool> {
        let statement = sqlx::query(
            "UPDATE uploads SET held = held + ?, kept_until = MAX(kept_until, ?)
             WHERE id = ? AND owner = ? AND complete",
        )
        .bind(hold.messages)
        .bind(hold.kept_until.as_millis())
        .bind(hold.upload.as_uuid())
        .bind(hold.owner.as_uuid());
        Ok(self.write(statement).await? == 1)
    }

    async fn remove_upload(&self, owner: UserId, id: UploadId, had_by_most: u32) -> Result<bool> {
        let statement = sqlx::query("DELETE FROM uploads WHERE id = ? AND owner = ? AND held <= ?")
            .bind(id.as_uuid())
            .bind(owner.as_uuid())
            .bind(had_by_most);
        let removed = self.write(statement).await?;
        self.note_erasure();
        Ok(removed == 1)
    }

    async fn remove_overdue_uploads(&self, now: Timestamp, limit: usize) -> Result<u64> {
        let statement = sqlx::query(
            "DELETE FROM uploads WHERE id IN
                 (SELECT id FROM uploads WHERE kept_until <= ? ORDER BY kept_until LIMIT ?)",
        )
        .bind(now.as_millis())
        .bind(at_most(limit));
        let removed = self.write(statement).await?;
        if removed > 0 {
            self.note_erasure();
        }
        Ok(removed)
    }

    async fn remove_uploads(&self, owner: UserId) -> Result<()> {
        let statement = sqlx::query("DELETE FROM uploads WHERE owner = ?").bind(owner.as_uuid());
        self.write(statement).await?;
        self.note_erasure();
        Ok(())
    }
}

fn known(row: &SqliteRow) -> Result<Upload> {
    let corrupt = |error| StoreError::corrupt("an upload", error);
    let id = |column: &str| row.try_get::<Uuid, _>(column).map_err(corrupt);
    let text = |column: &str| row.try_get::<String, _>(column).map_err(corrupt);
    let integer = |column: &str| row.try_get::<i64, _>(column).map_err(corrupt);
    let content_type = ContentType::parse(&text("content_type")?);
    Ok(Upload {
        id: UploadId::from_uuid(id("id")?),
        owner: UserId::from_uuid(id("owner")?),
        content_type: content_type.map_err(|error| StoreError::corrupt("an upload", error))?,
        size: u64::try_from(integer("size")?).unwrap_or_default(),
        secret: UploadSecret::restore(text("secret")?),
        kept_until: Timestamp::from_millis(integer("kept_until")?),
    })
}

fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
