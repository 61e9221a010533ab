use std::time::Duration;

use async_trait::async_trait;
use mysms_core::domain::{Invite, InviteHash, InviteName, KnownInvite, Timestamp, UserId};
use mysms_core::store::{Invites, LISTED_INVITES, Result, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{Sqlite, unavailable};

/// How long an invite that is over is still shown.
const SHOWN: Duration = Duration::from_hours(30 * 24);

#[async_trait]
impl Invites for Sqlite {
    async fn invite(&self, invite: &Invite) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM invites WHERE expires_at < ?")
            .bind((invite.created_at - SHOWN).as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "INSERT INTO invites (hash, note, created_at, expires_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (hash) DO NOTHING",
        )
        .bind(invite.hash.as_str().to_owned())
        .bind(invite.note.clone())
        .bind(invite.created_at.as_millis())
        .bind(invite.expires_at.as_millis())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await
    }

    async fn is_open(&self, invite: &InviteHash, now: Timestamp) -> Result<bool> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        is_open(&mut connection, invite, now).await
    }

    async fn invites(&self) -> Result<Vec<KnownInvite>> {
        let rows = sqlx::query(
            "SELECT invites.*, users.id AS used_by FROM invites
             LEFT JOIN users ON users.invite = invites.hash
             ORDER BY invites.created_at DESC, invites.hash LIMIT ?",
        )
        .bind(i64::try_from(LISTED_INVITES).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        rows.iter().map(known).collect()
    }

    async fn revoke_invite(&self, name: &InviteName) -> Result<bool> {
        let statement = sqlx::query(
            "DELETE FROM invites WHERE hash >= ?1 AND hash < ?1 || 'g'
             AND NOT EXISTS (SELECT 1 FROM users WHERE users.invite = invites.hash)",
        )
        .bind(name.as_str().to_owned());
        let done = self.write(statement).await?;
        Ok(done == 1)
    }
}

pub(super) async fn is_open(
    connection: &mut SqliteConnection,
    invite: &InviteHash,
    now: Timestamp,
) -> Result<bool> {
    let found = sqlx::query(
        "SELECT 1 FROM invites WHERE hash = ?1 AND expires_at > ?2
         AND NOT EXISTS (SELECT 1 FROM users WHERE users.invite = ?1)",
    )
    .bind(invite.as_str().to_owned())
    .bind(now.as_millis())
    .fetch_optional(connection)
    .await
    .map_err(unavailable)?;
    Ok(found.is_some())
}

fn known(row: &SqliteRow) -> Result<KnownInvite> {
    let corrupt = |error| StoreError::corrupt("an invite", error);
    let time = |column| {
        let millis = row.try_get(column).map_err(corrupt)?;
        Ok(Timestamp::from_millis(millis))
    };
    let used_by: Option<Uuid> = row.try_get("used_by").map_err(corrupt)?;
    Ok(KnownInvite {
        invite: Invite {
            hash: InviteHash::restore(row.try_get("hash").map_err(corrupt)?),
            note: row.try_get("note").map_err(corrupt)?,
            created_at: time("created_at")?,
            expires_at: time("expires_at")?,
        },
        used_by: used_by.map(UserId::from_uuid),
    })
}
