use async_trait::async_trait;
use mysms_core::domain::{Cookie, Origin, Renewal, Session, SessionId, Timestamp, TokenId, UserId};
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
                 (id, user, generation, token, begun_at, renewed_at, until, network, agent,
                  turn, turn_since, kept)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
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
        .bind(turn(session))
        .bind(session.cookie.map(|cookie| cookie.since.as_millis()))
        .bind(session.cookie.map(|cookie| cookie.is_kept))
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await
    }

    async fn renew(&self, renewal: &Renewal) -> Result<Renewed> {
        let mut transaction = Sqlite::begin(self).await?;
        sqlx::query(
            "UPDATE sessions SET token = ?, renewed_at = ?, until = MAX(until, ?)
             WHERE id = ? AND token = ?",
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

    async fn go_on(&self, from: &Session, to: &Session) -> Result<Renewed> {
        let mut transaction = Sqlite::begin(self).await?;
        sqlx::query(
            "UPDATE sessions
             SET token = ?, renewed_at = ?, until = ?, turn = ?, turn_since = ?, kept = ?
             WHERE id = ? AND token = ? AND turn IS ?",
        )
        .bind(to.token.as_uuid())
        .bind(to.renewed_at.as_millis())
        .bind(to.until.as_millis())
        .bind(turn(to))
        .bind(to.cookie.map(|cookie| cookie.since.as_millis()))
        .bind(to.cookie.map(|cookie| cookie.is_kept))
        .bind(from.id.as_uuid())
        .bind(from.token.as_uuid())
        .bind(turn(from))
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        // Also finds what this did the first time.
        let latest = sqlx::query("SELECT * FROM sessions WHERE id = ?")
            .bind(from.id.as_uuid())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        let latest = latest.as_ref().map(session);
        Ok(match latest {
            Some(latest) if (latest.token, turn(&latest)) == (to.token, turn(to)) => Renewed::Done,
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
        cookie: cookie(row),
    }
}

fn turn(session: &Session) -> Option<u32> {
    session.cookie.map(|cookie| cookie.turn)
}

fn cookie(row: &SqliteRow) -> Option<Cookie> {
    let turn: Option<u32> = row.get("turn");
    Some(Cookie {
        turn: turn?,
        since: Timestamp::from_millis(row.get("turn_since")),
        is_kept: row.get("kept"),
    })
}
