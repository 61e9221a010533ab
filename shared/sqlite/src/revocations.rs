use async_trait::async_trait;
use mysms_core::domain::{IssuedToken, Revocation, SessionId, Timestamp, UserId};
use mysms_core::store::{Result, Revocations};
use sqlx::Row;

use super::{Sqlite, unavailable};

#[async_trait]
impl Revocations for Sqlite {
    async fn revoke(&self, session: SessionId, until: Timestamp, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM revocations WHERE until < ?")
            .bind(now.as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "INSERT INTO revocations (token, until, revoked_at) VALUES (?, ?, ?)
             ON CONFLICT (token) DO NOTHING",
        )
        .bind(session.as_uuid())
        .bind(until.as_millis())
        .bind(now.as_millis())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await
    }

    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<Revocation>> {
        let tokens = sqlx::query("SELECT token, until FROM revocations WHERE revoked_at >= ?")
            .bind(since.as_millis())
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        let users =
            sqlx::query("SELECT id, generation, revoked_at FROM users WHERE revoked_at >= ?")
                .bind(since.as_millis())
                .fetch_all(&self.readers)
                .await
                .map_err(unavailable)?;
        let token = tokens.iter().map(|row| Revocation::Session {
            id: SessionId::from_uuid(row.get(0)),
            until: Timestamp::from_millis(row.get(1)),
        });
        let user = users.iter().map(|row| Revocation::User {
            user: UserId::from_uuid(row.get(0)),
            generation: row.get(1),
            at: Timestamp::from_millis(row.get(2)),
        });
        Ok(token.chain(user).collect())
    }

    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool> {
        let found = sqlx::query(
            "SELECT 1 FROM revocations WHERE token IN (?1, ?5)
             UNION ALL
             SELECT 1 FROM users WHERE id = ?2
                 AND IIF(?3 IS NULL, revoked_at >= ?4, generation > ?3)",
        )
        .bind(token.id.as_uuid())
        .bind(token.user.as_uuid())
        .bind(token.generation)
        .bind(token.issued_at.as_millis())
        .bind(token.session.as_uuid())
        .fetch_optional(&self.readers)
        .await
        .map_err(unavailable)?;
        Ok(found.is_some())
    }
}
