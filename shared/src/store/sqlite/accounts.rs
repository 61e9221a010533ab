use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, commit, unavailable};
use crate::domain::{NewUser, Timestamp, User, UserId, Username};
use crate::store::{Accounts, Result, SignUp, StoreError};

#[async_trait]
impl Accounts for Sqlite {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        let mut transaction = self.begin().await?;
        let holder = sqlx::query("SELECT * FROM users WHERE folded_name = ?")
            .bind(new.username.folded())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unavailable)?;
        if let Some(holder) = holder {
            let created_before = user(&holder)?.id == new.id;
            return Ok(if created_before {
                SignUp::Created
            } else {
                SignUp::NameTaken
            });
        }
        sqlx::query(
            "INSERT INTO users (id, username, folded_name, password_hash, created_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(new.id.as_uuid())
        .bind(new.username.as_str().to_owned())
        .bind(new.username.folded())
        .bind(new.password_hash)
        .bind(new.created_at.as_millis())
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
        commit(transaction).await?;
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
        let found = sqlx::query("SELECT * FROM users WHERE id = ?")
            .bind(id.as_uuid())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        found.as_ref().map(user).transpose()
    }
}

fn user(row: &SqliteRow) -> Result<User> {
    let corrupt = |error| StoreError::corrupt("a user", error);
    let name: String = row.try_get("username").map_err(corrupt)?;
    Ok(User {
        id: UserId::from_uuid(row.try_get("id").map_err(corrupt)?),
        username: Username::parse(&name).map_err(|error| StoreError::corrupt("a user", error))?,
        password_hash: row.try_get("password_hash").map_err(corrupt)?,
        created_at: Timestamp::from_millis(row.try_get("created_at").map_err(corrupt)?),
    })
}
