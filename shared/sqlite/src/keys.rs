use async_trait::async_trait;
use mysms_core::domain::{ApiKey, KeyId, KeyName, MOST_KEYS, SecretHash, Timestamp, UserId};
use mysms_core::store::{Created, KEY_KEPT, Keys, Result, StoreError, written};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, unavailable};

#[async_trait]
impl Keys for Sqlite {
    async fn create_key(&self, key: &ApiKey) -> Result<Created> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM keys WHERE forget_at < ?")
            .bind(key.created_at.as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "INSERT INTO keys
                 (id, owner, name, secret, grants, created_at, expires_at, last_used, forget_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
             WHERE (SELECT COUNT(*) FROM keys WHERE owner = ?2 AND NOT ended) < ?10
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(key.id.as_str().to_owned())
        .bind(key.owner.as_uuid())
        .bind(key.name.as_str().to_owned())
        .bind(key.secret.to_hex())
        .bind(written(&key.grant)?)
        .bind(key.created_at.as_millis())
        .bind(key.expires_at.map(Timestamp::as_millis))
        .bind(key.last_used.map(Timestamp::as_millis))
        .bind(key.expires_at.map(|end| (end + KEY_KEPT).as_millis()))
        .bind(i64::try_from(MOST_KEYS).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        // Also finds what was stored the first time.
        let known = sqlx::query("SELECT 1 FROM keys WHERE id = ?")
            .bind(key.id.as_str().to_owned())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(known.map_or(Created::TooMany, |_| Created::Done))
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>> {
        let found = sqlx::query("SELECT * FROM keys WHERE id = ? AND NOT ended")
            .bind(id.as_str().to_owned())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        found.as_ref().map(known).transpose()
    }

    async fn keys_of(&self, owner: UserId) -> Result<Vec<ApiKey>> {
        let rows = sqlx::query(
            "SELECT * FROM keys WHERE owner = ? AND NOT ended ORDER BY created_at DESC, id",
        )
        .bind(owner.as_uuid())
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        rows.iter().map(known).collect()
    }

    async fn end_key(&self, owner: UserId, id: &KeyId, now: Timestamp) -> Result<bool> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE keys SET ended = 1, forget_at = ?,
                 grants = json_remove(grants, '$.senders', '$.recipients')
             WHERE owner = ? AND id = ? AND NOT ended",
        )
        .bind((now + KEY_KEPT).as_millis())
        .bind(owner.as_uuid())
        .bind(id.as_str().to_owned())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let known = sqlx::query("SELECT 1 FROM keys WHERE owner = ? AND id = ?")
            .bind(owner.as_uuid())
            .bind(id.as_str().to_owned())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(known.is_some())
    }

    async fn end_keys(&self, owner: UserId, now: Timestamp) -> Result<()> {
        let statement = sqlx::query(
            "UPDATE keys SET ended = 1, forget_at = ?,
                 grants = json_remove(grants, '$.senders', '$.recipients')
             WHERE owner = ? AND NOT ended",
        )
        .bind((now + KEY_KEPT).as_millis())
        .bind(owner.as_uuid());
        self.write(statement).await.map(drop)
    }

    async fn note_use(&self, id: &KeyId, at: Timestamp) -> Result<()> {
        let statement = sqlx::query(
            "UPDATE keys SET last_used = ?2
             WHERE id = ?1 AND NOT ended AND IFNULL(last_used, 0) < ?2",
        )
        .bind(id.as_str().to_owned())
        .bind(at.as_millis());
        self.write(statement).await.map(drop)
    }

    async fn forget_keys(&self, owner: UserId) -> Result<()> {
        let statement = sqlx::query("DELETE FROM keys WHERE owner = ?").bind(owner.as_uuid());
        self.write(statement).await.map(drop)
    }
}

fn known(row: &SqliteRow) -> Result<ApiKey> {
    let corrupt = |what: &str| StoreError::corrupt("a key", what.to_owned());
    let grant: String = row.get("grants");
    Ok(ApiKey {
        id: KeyId::parse(row.get("id")).ok_or_else(|| corrupt("its id"))?,
        owner: UserId::from_uuid(row.get("owner")),
        name: KeyName::restore(row.get("name")),
        secret: SecretHash::from_hex(row.get("secret")).ok_or_else(|| corrupt("its secret"))?,
        grant: serde_json::from_str(&grant)
            .map_err(|error| StoreError::corrupt("what a key is good for", error))?,
        created_at: Timestamp::from_millis(row.get("created_at")),
        expires_at: row
            .get::<Option<i64>, _>("expires_at")
            .map(Timestamp::from_millis),
        last_used: row
            .get::<Option<i64>, _>("last_used")
            .map(Timestamp::from_millis),
    })
}
