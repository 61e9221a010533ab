use std::time::Duration;

use async_trait::async_trait;
use mysms_core::domain::{KnownNetworks, NetworkMark, NewUser, Timestamp, User, UserId, Username};
use mysms_core::store::{Accounts, PasswordChange, Result, SignUp, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::invites::is_open;
use super::{Sqlite, unavailable};

/// How long it is remembered that an erased user's tokens have ended.
const ERASED_KEPT: Duration = Duration::from_hours(2 * 24);

#[async_trait]
impl Accounts for Sqlite {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        let mut transaction = self.begin().await?;
        let holder = sqlx::query("SELECT * FROM users WHERE folded_name = ?")
            .bind(new.username.folded())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        let holder = holder.as_ref().map(user).transpose()?;
        if holder.as_ref().is_some_and(|holder| holder.id == new.id) {
            transaction.commit().await?;
            return Ok(SignUp::Created);
        }
        if let Some(invite) = &new.invite
            && !is_open(&mut transaction, invite, new.created_at).await?
        {
            transaction.commit().await?;
            return Ok(SignUp::InviteNotGood);
        }
        if holder.is_some() {
            transaction.commit().await?;
            return Ok(SignUp::NameTaken);
        }
        sqlx::query(
            "INSERT INTO users (id, username, folded_name, password_hash, created_at, invite)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.id.as_uuid())
        .bind(new.username.as_str().to_owned())
        .bind(new.username.folded())
        .bind(new.password_hash)
        .bind(new.created_at.as_millis())
        .bind(new.invite.map(|invite| invite.as_str().to_owned()))
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(SignUp::Created)
    }

    async fn by_name(&self, username: &Username) -> Result<Option<User>> {
        let found = sqlx::query("SELECT * FROM users WHERE folded_name = ?")
            .bind(username.folded())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        found.as_ref().map(user).transpose()
    }

    async fn by_id(&self, id: UserId) -> Result<Option<User>> {
        let found = sqlx::query("SELECT * FROM users WHERE id = ? AND closed_at IS NULL")
            .bind(id.as_uuid())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        found.as_ref().map(user).transpose()
    }

    async fn remember_network(&self, id: UserId, mark: &NetworkMark) -> Result<()> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query("SELECT * FROM users WHERE id = ? AND closed_at IS NULL")
            .bind(id.as_uuid())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        if let Some(row) = found {
            let mut known = user(&row)?.known_networks;
            known.remember(mark.clone());
            let marks: Vec<_> = known.iter().map(NetworkMark::as_str).collect();
            sqlx::query("UPDATE users SET known_networks = ? WHERE id = ?")
                .bind(marks.join(" "))
                .bind(id.as_uuid())
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
        }
        transaction.commit().await
    }

    async fn replace_hash(&self, id: UserId, from: &str, to: &str) -> Result<()> {
        let statement = sqlx::query(
            "UPDATE users SET password_hash = ?
             WHERE id = ? AND password_hash = ? AND closed_at IS NULL",
        )
        .bind(to.to_owned())
        .bind(id.as_uuid())
        .bind(from.to_owned());
        self.write(statement).await?;
        Ok(())
    }

    async fn change_password(&self, id: UserId, change: PasswordChange) -> Result<Option<u32>> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE users SET password_hash = ?, generation = generation + 1, revoked_at = ?
             WHERE id = ? AND password_hash = ? AND closed_at IS NULL",
        )
        .bind(change.to.clone())
        .bind(change.now.as_millis())
        .bind(id.as_uuid())
        .bind(change.from)
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        // Also finds what this change did the first time.
        let generation =
            sqlx::query_scalar("SELECT generation FROM users WHERE id = ? AND password_hash = ?")
                .bind(id.as_uuid())
                .bind(change.to)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(generation)
    }

    async fn end_sessions(&self, id: UserId, now: Timestamp) -> Result<Option<u32>> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE users SET generation = generation + 1, revoked_at = ?1
             WHERE id = ?2 AND closed_at IS NULL AND revoked_at IS NOT ?1",
        )
        .bind(now.as_millis())
        .bind(id.as_uuid())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let generation = sqlx::query_scalar(
            "SELECT generation FROM users WHERE id = ? AND closed_at IS NULL AND revoked_at = ?",
        )
        .bind(id.as_uuid())
        .bind(now.as_millis())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(unavailable)?;
        transaction.commit().await?;
        Ok(generation)
    }

    async fn close_account(&self, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool> {
        let mut transaction = self.begin().await?;
        // No name begins like the one that is left.
        sqlx::query(
            "UPDATE users SET username = '', folded_name = '#' || hex(id), password_hash = '', known_networks = '',
                 generation = generation + 1, revoked_at = ?1, closed_at = ?1
             WHERE id = ?2 AND password_hash = ?3 AND closed_at IS NULL",
        )
        .bind(now.as_millis())
        .bind(id.as_uuid())
        .bind(password_hash.to_owned())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let closed = sqlx::query("SELECT 1 FROM users WHERE id = ? AND closed_at = ?")
            .bind(id.as_uuid())
            .bind(now.as_millis())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        if closed.is_some() {
            self.note_erasure();
            self.empty_log_if_erased().await;
        }
        Ok(closed.is_some())
    }

    async fn to_be_erased(&self, closed_before: Timestamp, limit: usize) -> Result<Vec<UserId>> {
        let rows = sqlx::query(
            "SELECT id FROM users WHERE closed_at < ? AND erased_at IS NULL
             ORDER BY closed_at LIMIT ?",
        )
        .bind(closed_before.as_millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        Ok(rows
            .iter()
            .map(|row| UserId::from_uuid(row.get(0)))
            .collect())
    }

    async fn erased(&self, id: UserId, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin().await?;
        // With the user goes what says that the invite is used up.
        sqlx::query(
            "DELETE FROM invites WHERE hash =
                 (SELECT invite FROM users WHERE id = ? AND closed_at IS NOT NULL)",
        )
        .bind(id.as_uuid())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        sqlx::query(
            "UPDATE users SET erased_at = ?
             WHERE id = ? AND closed_at IS NOT NULL AND erased_at IS NULL",
        )
        .bind(now.as_millis())
        .bind(id.as_uuid())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        sqlx::query("DELETE FROM users WHERE erased_at < ?")
            .bind((now - ERASED_KEPT).as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await?;
        self.note_erasure();
        self.empty_log_if_erased().await;
        Ok(())
    }
}

fn user(row: &SqliteRow) -> Result<User> {
    let corrupt = |error| StoreError::corrupt("a user", error);
    let name: String = row.try_get("username").map_err(corrupt)?;
    let networks: String = row.try_get("known_networks").map_err(corrupt)?;
    Ok(User {
        id: UserId::from_uuid(row.try_get("id").map_err(corrupt)?),
        username: Username::parse(&name).map_err(|error| StoreError::corrupt("a user", error))?,
        password_hash: row.try_get("password_hash").map_err(corrupt)?,
        created_at: Timestamp::from_millis(row.try_get("created_at").map_err(corrupt)?),
        generation: row.try_get("generation").map_err(corrupt)?,
        known_networks: KnownNetworks::restored(networks.split_whitespace().map(str::to_owned)),
    })
}
