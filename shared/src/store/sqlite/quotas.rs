use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{Sqlite, unavailable};
use crate::domain::{Timestamp, UserId};
use crate::store::quotas::day;
use crate::store::{Quotas, Reservation, Reserved, Result};

#[async_trait]
impl Quotas for Sqlite {
    async fn reserve(&self, reservation: &Reservation, limit: u32) -> Result<Reserved> {
        let mut transaction = self.begin().await?;
        if segments_of(&mut transaction, reservation).await?.is_some() {
            transaction.commit().await?;
            return Ok(Reserved::Granted);
        }
        let spent = spent(&mut transaction, reservation.user, reservation.day).await?;
        if spent + i64::from(reservation.segments) > i64::from(limit) {
            transaction.commit().await?;
            return Ok(Reserved::Exceeded);
        }
        count(&mut transaction, reservation).await?;
        transaction.commit().await?;
        Ok(Reserved::Granted)
    }

    async fn reduce(&self, reservation: &Reservation, used: u32) -> Result<()> {
        let mut transaction = self.begin().await?;
        let Some(segments) = segments_of(&mut transaction, reservation).await? else {
            return transaction.commit().await;
        };
        let given_back = (segments - i64::from(used)).max(0);
        sqlx::query("UPDATE quotas SET spent = spent - ? WHERE user = ? AND day = ?")
            .bind(given_back)
            .bind(reservation.user.as_uuid())
            .bind(reservation.day)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        sqlx::query("UPDATE reservations SET segments = segments - ? WHERE id = ?")
            .bind(given_back)
            .bind(reservation.id)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await
    }

    async fn spent(&self, user: UserId, at: Timestamp) -> Result<u64> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        let spent = spent(&mut connection, user, day(at)).await?;
        Ok(u64::try_from(spent).unwrap_or(0))
    }
}

async fn segments_of(
    connection: &mut SqliteConnection,
    reservation: &Reservation,
) -> Result<Option<i64>> {
    sqlx::query_scalar("SELECT segments FROM reservations WHERE id = ?")
        .bind(reservation.id)
        .fetch_optional(connection)
        .await
        .map_err(unavailable)
}

async fn spent(connection: &mut SqliteConnection, user: UserId, day: i64) -> Result<i64> {
    let spent = sqlx::query_scalar("SELECT spent FROM quotas WHERE user = ? AND day = ?")
        .bind(user.as_uuid())
        .bind(day)
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?;
    Ok(spent.unwrap_or(0))
}

async fn count(connection: &mut SqliteConnection, reservation: &Reservation) -> Result<()> {
    // Days long gone go first. A host that lags behind by a day does not exist.
    for expired in [
        "DELETE FROM quotas WHERE day < ?",
        "DELETE FROM reservations WHERE day < ?",
    ] {
        sqlx::query(expired)
            .bind(reservation.day - 1)
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
    }
    sqlx::query(
        "INSERT INTO quotas (user, day, spent) VALUES (?, ?, ?)
         ON CONFLICT (user, day) DO UPDATE SET spent = spent + excluded.spent",
    )
    .bind(reservation.user.as_uuid())
    .bind(reservation.day)
    .bind(reservation.segments)
    .execute(&mut *connection)
    .await
    .map_err(unavailable)?;
    sqlx::query("INSERT INTO reservations (id, day, segments) VALUES (?, ?, ?)")
        .bind(reservation.id)
        .bind(reservation.day)
        .bind(reservation.segments)
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    Ok(())
}
