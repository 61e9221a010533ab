use async_trait::async_trait;
use mysms_core::domain::{Origin, Renewal, Session, SessionId, Timestamp, TokenId, UserId};
use mysms_core::store::{Renewed, Result, Sessions};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, unavailable};

#[async_trait]
impl Sessions for Sqlite {
    async fn begin(&self, session: &Session) -> Result<()> {
        let mut transaction = Sqlite::begin(self).await?;
        sqlx::query("DELETE FROM sessions WHERE until < ?")
            .bind(session.begun_at.as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "INSERT INTO sessions
                 (id, user, generation, token, begun_at, renewed_at, until, network, agent)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(session.id.as_uuid())
        .bind(session.user.as_uuid())
        .bind(session.generation)
        .bind(session.token.as_uuid())
        .bind(session.begun_at.as_millis())
        .bind(session.renewed_at.as_millis())
        .bind(session.until.as_millis())
        .bind(session.origin.network.clone())
        .bind(session.origin.agent.clone())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await
    }

    async fn renew(&self, renewal: &Renewal) -> Result<Renewed> {
        let mut transaction = Sqlite::begin(self).await?;
        sqlx::query(
            "UPDATE sessions SET token = ?, renewed_at = ?, until = ? WHERE id = ? AND token = ?",
        )
        .bind(renewal.to.as_uuid())
        .bind(renewal.now.as_millis())
        .bind(renewal.until.as_millis())
        .bind(renewal.session.as_uuid())
        .bind(renewal.from.as_uuid())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        // Also finds what this renewal did the first time.
        let latest = sqlx::query_scalar("SELECT token FROM sessions WHERE id = ?")
            .bind(renewal.session.as_uuid())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(match latest.map(TokenId::from_uuid) {
            Some(latest) if latest == renewal.to => Renewed::Done,
            Some(_) => Renewed::Before,
            None => Renewed::Unknown,
        })
    }

    async fn sessions_of(
        &self,
        user: UserId,
        generation: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>> {
        let rows = sqlx::query(
            "SELECT * FROM sessions WHERE user = ? AND generation >= ? AND until >= ?
             ORDER BY renewed_at DESC, id DESC LIMIT ?",
        )
        .bind(user.as_uuid())
        .bind(generation)
        .bind(now.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        Ok(rows.iter().map(session).collect())
    }

    async fn session(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let found = sqlx::query("SELECT * FROM sessions WHERE id = ? AND user = ?")
            .bind(id.as_uuid())
            .bind(user.as_uuid())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        Ok(found.as_ref().map(session))
    }

    async fn forget(&self, id: SessionId) -> Result<()> {
        let statement = sqlx::query("DELETE FROM sessions WHERE id = ?").bind(id.as_uuid());
        self.write(statement).await?;
        Ok(())
    }

    async fn forget_all(&self, user: UserId) -> Result<()> {
        let statement = sqlx::query("DELETE FROM sessions WHERE user = ?").bind(user.as_uuid());
        self.write(statement).await?;
        Ok(())
    }
}

fn session(row: &SqliteRow) -> Session {
    Session {
        id: SessionId::from_uuid(row.get("id")),
        user: UserId::from_uuid(row.get("user")),
        generation: row.get("generation"),
        token: TokenId::from_uuid(row.get("token")),
        begun_at: Timestamp::from_millis(row.get("begun_at")),
        renewed_at: Timestamp::from_millis(row.get("renewed_at")),
        until: Timestamp::from_millis(row.get("until")),
        origin: Origin {
            network: row.get("network"),
            agent: row.get("agent"),
        },
    }
}
