use async_trait::async_trait;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Charge, Counter, Quotas, Reservation, Reserved, Result};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Sqlite, unavailable};

#[async_trait]
impl Quotas for Sqlite {
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserved> {
        let mut transaction = self.begin().await?;
        let (mut fresh, mut exceeded) = (Vec::new(), Vec::new());
        for charge in &reservation.charges {
            let key = key(charge.counter);
            let (id, window) = (reservation.id, charge.counter.window(reservation.at));
            if amount_of(&mut transaction, id, &key).await?.is_some() {
                continue;
            }
            let spent = spent(&mut transaction, &key, window).await?;
            if charge.fits(spent) {
                fresh.push(charge);
            } else {
                exceeded.push(charge.counter);
            }
        }
        if exceeded.is_empty() && !fresh.is_empty() {
            forget(&mut transaction, reservation.now).await?;
            for charge in fresh {
                count(&mut transaction, reservation, charge).await?;
            }
        }
        transaction.commit().await?;
        Ok(if exceeded.is_empty() {
            Reserved::Granted
        } else {
            Reserved::Exceeded(exceeded)
        })
    }

    async fn give_back(&self, reservation: &Reservation) -> Result<()> {
        let mut transaction = self.begin().await?;
        for charge in &reservation.charges {
            let key = key(charge.counter);
            let amount = amount_of(&mut transaction, reservation.id, &key).await?;
            let Some(amount) = amount.filter(|amount| *amount > 0) else {
                continue;
            };
            sqlx::query("UPDATE counters SET spent = spent - ? WHERE key = ? AND period = ?")
                .bind(amount)
                .bind(key.clone())
                .bind(charge.counter.window(reservation.at))
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
            sqlx::query("UPDATE charges SET amount = 0 WHERE id = ? AND key = ?")
                .bind(reservation.id)
                .bind(key)
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
        }
        transaction.commit().await
    }

    async fn spent(&self, counters: &[Counter], at: Timestamp) -> Result<Vec<u64>> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        let mut all = Vec::with_capacity(counters.len());
        for counter in counters {
            all.push(spent(&mut connection, &key(*counter), counter.window(at)).await?);
        }
        Ok(all)
    }
}

/// What was counted of a reservation; nothing was, if it was given back.
async fn amount_of(connection: &mut SqliteConnection, id: Uuid, key: &[u8]) -> Result<Option<i64>> {
    sqlx::query_scalar("SELECT amount FROM charges WHERE id = ? AND key = ?")
        .bind(id)
        .bind(key.to_vec())
        .fetch_optional(connection)
        .await
        .map_err(unavailable)
}

async fn spent(connection: &mut SqliteConnection, key: &[u8], window: i64) -> Result<u64> {
    let spent: Option<i64> =
        sqlx::query_scalar("SELECT spent FROM counters WHERE key = ? AND period = ?")
            .bind(key.to_vec())
            .bind(window)
            .fetch_optional(connection)
            .await
            .map_err(unavailable)?;
    Ok(spent.map_or(0, |spent| u64::try_from(spent).unwrap_or(0)))
}

/// Hours and days long gone go.
async fn forget(connection: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    for expired in [
        "DELETE FROM counters WHERE until < ?",
        "DELETE FROM charges WHERE until < ?",
    ] {
        sqlx::query(expired)
            .bind(now.as_millis())
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
    }
    Ok(())
}

async fn count(
    connection: &mut SqliteConnection,
    reservation: &Reservation,
    charge: &Charge,
) -> Result<()> {
    let key = key(charge.counter);
    let until = charge.counter.kept_until(reservation.at).as_millis();
    sqlx::query(
        "INSERT INTO counters (key, period, spent, until) VALUES (?, ?, ?, ?)
         ON CONFLICT (key, period) DO UPDATE SET spent = spent + excluded.spent",
    )
    .bind(key.clone())
    .bind(charge.counter.window(reservation.at))
    .bind(charge.amount)
    .bind(until)
    .execute(&mut *connection)
    .await
    .map_err(unavailable)?;
    sqlx::query("INSERT INTO charges (id, key, amount, until) VALUES (?, ?, ?, ?)")
        .bind(reservation.id)
        .bind(key)
        .bind(charge.amount)
        .bind(until)
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    Ok(())
}

/// Tells counters apart by the first byte, and those of users by their length.
fn key(counter: Counter) -> Vec<u8> {
    match counter {
        Counter::User(user) => user.as_uuid().as_bytes().to_vec(),
        Counter::Everybody => b"e".to_vec(),
        Counter::Abroad => b"a".to_vec(),
        Counter::Recipient(number) => [b"r", number.0.as_slice()].concat(),
        Counter::Prefix(number) => [b"p", number.0.as_slice()].concat(),
    }
}
