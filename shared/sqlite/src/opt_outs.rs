use async_trait::async_trait;
use mysms_core::domain::{Address, Consent, Timestamp, Wish};
use mysms_core::store::OptOuts;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use super::{Result, Sqlite, unavailable};

#[async_trait]
impl OptOuts for Sqlite {
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin().await?;
        for sender in &wish.senders {
            sqlx::query(
                "INSERT INTO opt_outs (sender, recipient, opted_out, at, noted_at)
                 VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (sender, recipient) DO UPDATE SET
                     opted_out = excluded.opted_out, at = excluded.at, noted_at = excluded.noted_at
                 WHERE at < excluded.at",
            )
            .bind(sender.clone())
            .bind(wish.recipient.as_str().to_owned())
            .bind(wish.consent == Consent::Withdrawn)
            .bind(wish.at.as_millis())
            .bind(now.as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        }
        transaction.commit().await
    }

    async fn opted_out(&self, sender: &str, recipients: &[Address]) -> Result<Vec<Address>> {
        let mut query =
            QueryBuilder::new("SELECT recipient FROM opt_outs WHERE opted_out = 1 AND sender = ");
        query.push_bind(sender.to_owned());
        query.push(" AND recipient IN (");
        let mut list = query.separated(", ");
        for recipient in recipients {
            list.push_bind(recipient.as_str().to_owned());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        Ok(rows.map_err(unavailable)?.iter().map(recipient).collect())
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        let rows = sqlx::query(
            "SELECT recipient FROM opt_outs WHERE sender = ? AND noted_at >= ? AND opted_out = 1",
        )
        .bind(sender.to_owned())
        .bind(since.as_millis())
        .fetch_all(&self.readers)
        .await;
        Ok(rows.map_err(unavailable)?.iter().map(recipient).collect())
    }

    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let mut query =
            QueryBuilder::new("SELECT sender FROM opt_outs WHERE opted_out = 1 AND recipient = ");
        query.push_bind(wish.recipient.as_str().to_owned());
        query.push(" AND sender IN (");
        let mut list = query.separated(", ");
        for sender in &wish.senders {
            list.push_bind(sender.clone());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        let rows = rows.map_err(unavailable)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

fn recipient(row: &SqliteRow) -> Address {
    Address::from(row.get::<String, _>(0))
}
